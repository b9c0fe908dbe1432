package org.rlhf4j.core.tensor;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A loaded TorchScript module, such as that of {@code torch_ops.py}, and the calls into it; used on the tensor thread. */
final class Kernels {
    /** More distinct scalars than any model has: guards against a caller that makes a new one each step. */
    private static final int MAX_SCALARS = 1024;

    private static final String METHOD = "module_method:";

    /** How the script of the head multiplies where the engine was built with oneDNN. */
    private static final String ONEDNN_PRODUCT =
            "ops.mkldnn._linear_pointwise(x, w, None, \"none\", annotate(List[Optional[number]], []), \"\")";

    private final NDManager manager;
    private final PtSymbolBlock module;
    private final NDArray none;
    private final Map<String, NDArray> markers = new HashMap<>();
    private final Map<Double, NDArray> scalars = new HashMap<>();

    private static final class Holder {
        static final Kernels INSTANCE = new Kernels("Kernels", ScriptArchive.source("/org/rlhf4j/core/torch_ops.py"));
    }

    private static final class PackedHolder {
        static final @Nullable Kernels INSTANCE = load();

        private static @Nullable Kernels load() {
            try {
                return new Kernels("PackedKernels", ScriptArchive.source("/org/rlhf4j/core/torch_packed_ops.py"));
            } catch (EngineException e) {
                // A build of the engine without oneDNN knows none of these operators.
                return null;
            }
        }
    }

    private static final class HeadHolder {
        static final Kernels INSTANCE = new Kernels("HeadKernels", headSource(onProcessor() && packed() != null));
    }

    static Kernels get() {
        Torch.requireTensorThread();
        return Holder.INSTANCE;
    }

    /** The kernels over packed matrices, or null where the engine was built without them. */
    static @Nullable Kernels packed() {
        Torch.requireTensorThread();
        return PackedHolder.INSTANCE;
    }

    /** As {@link #packed()}, where they are known to be there. */
    static Kernels requirePacked() {
        return Objects.requireNonNull(packed(), "the engine has no packed matrices");
    }

    /** The kernels of a language model's head. */
    static Kernels head() {
        Torch.requireTensorThread();
        return HeadHolder.INSTANCE;
    }

    private static boolean onProcessor() {
        return Torch.manager().getDevice().equals(Device.cpu());
    }

    private static String headSource(boolean oneDnn) {
        String source = ScriptArchive.source("/org/rlhf4j/core/torch_head_ops.py");
        return oneDnn ? source : source.replace(ONEDNN_PRODUCT, "torch.linear(x, w)");
    }

    Kernels(String type, String source) {
        // A number that a kernel reads would have to be fetched from a GPU at each call.
        manager = Torch.manager().newSubManager(Device.cpu());
        manager.setName(type);
        none = permanent(manager.create(new Shape(0)));
        byte[] archive = ScriptArchive.of(type, source);
        try {
            module = JniUtils.loadModule((PtNDManager) manager, new ByteArrayInputStream(archive), false, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        for (String method : JniUtils.getMethodNames(module)) {
            NDArray marker = permanent(manager.create(0f));
            marker.setName(METHOD + method);
            markers.put(method, marker);
        }
    }

    /** Whether convolutions go through oneDNN: where it is built in, and with several threads only. */
    static boolean convolvesFaster() {
        return packed() != null && JniUtils.getNumThreads() > 1;
    }

    /** Stands for an argument that is absent: an array without elements. */
    NDArray none() {
        return none;
    }

    /** An argument of a kernel that is a number. */
    NDArray scalar(double value) {
        NDArray known = scalars.get(value);
        if (known != null) {
            return known;
        }
        NDArray made = manager.create(value);
        if (scalars.size() < MAX_SCALARS) {
            scalars.put(value, permanent(made));
        }
        return made;
    }

    /** Calls a kernel through autograd: the result joins the graph when gradient mode is on. */
    NDArray call(String method, NDArray... arguments) {
        return callAll(method, arguments).get(0);
    }

    /** As {@link #call}, for a kernel with several results. */
    NDList callAll(String method, NDArray... arguments) {
        NDArray marker = markers.get(method);
        if (marker == null) {
            throw new IllegalArgumentException("no kernel " + method);
        }
        NDList inputs = new NDList(arguments.length + 1);
        for (NDArray argument : arguments) {
            if (argument.getName() != null) {
                // DJL passes named arrays as dictionaries or lists.
                throw new IllegalArgumentException("an argument of " + method + " has the name " + argument.getName());
            }
            inputs.add(argument);
        }
        inputs.add(marker);
        return IValueUtils.forward(module, inputs, true);
    }

    /** Calls a kernel that works in place on lists, outside autograd. */
    void update(String method, IValue... arguments) {
        run(method, arguments).close();
    }

    /** Calls a kernel on lists that gives one array, outside autograd; the array can enter no graph. */
    NDArray compute(String method, IValue... arguments) {
        try (IValue result = run(method, arguments)) {
            return result.toTensor((PtNDManager) manager);
        }
    }

    private IValue run(String method, IValue... arguments) {
        try {
            return IValueUtils.runMethod(module, method, arguments);
        } finally {
            for (IValue argument : arguments) {
                argument.close();
            }
        }
    }

    static IValue list(List<NDArray> arrays) {
        return IValue.listFrom(arrays.stream().map(PtNDArray.class::cast).toArray(PtNDArray[]::new));
    }

    /** torch's number of an element type that DJL's binding can carry. */
    static int torchType(DataType type) {
        return switch (type) {
            case UINT8 -> 0;
            case INT8 -> 1;
            case INT32 -> 3;
            case INT64 -> 4;
            case FLOAT16 -> 5;
            case FLOAT32 -> 6;
            case FLOAT64 -> 7;
            case BOOLEAN -> 11;
            default -> throw new IllegalArgumentException("the engine's Java binding has no " + type + " arrays");
        };
    }

    private static NDArray permanent(NDArray array) {
        NDScope.unregister(array);
        return array;
    }
}
