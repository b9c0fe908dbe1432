package org.rlhf4j.core.tensor;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One forward and backward pass, which may be cut in two so that a large intermediate is never held whole.
 *
 * <p>A loss function gets the tape, and through {@link #cut} receives a leaf instead of an inner array. The backward pass
 * then runs in two phases: from the loss to the leaves, and, with the gradients found there, from the inner arrays to the
 * weights, by the scalar {@code sum(inner * gradient)}, whose gradient is the same.
 *
 * <p>A third phase serves {@linkplain #checkpoint activation checkpointing} (Chen et al., arXiv:1604.06174).
 */
public final class Tape {
    /** The one that the tensor thread records, if any. */
    private static @Nullable Tape current;

    private final boolean recording;
    private final boolean checkpointing;
    private final double factor;
    private final List<NDArray> inners = new ArrayList<>();
    private final List<NDArray> leaves = new ArrayList<>();
    private final List<Runnable> afterLoss = new ArrayList<>();
    private final List<NDArray> surrogates = new ArrayList<>();
    private final List<Checkpoint> checkpoints = new ArrayList<>();

    /** What computes {@code result} again: a leaf with the values of {@code layer(input)}. */
    private record Checkpoint(NDArray input, UnaryOperator<NDArray> layer, NDArray result) {}

    /** Computes a scalar from trainable arrays; runs once, inside a scope of its own. */
    @FunctionalInterface
    public interface Loss {
        NDArray compute(Tape tape);
    }

    private Tape(boolean recording, boolean checkpointing, double factor) {
        this.recording = recording;
        this.checkpointing = checkpointing;
        this.factor = factor;
    }

    /**
     * Computes the loss and adds {@code factor * d loss / d weight} to the gradient of every trainable array.
     *
     * @param check sees the value of the loss before the backward pass; what it throws stops the pass
     * @return the loss itself, without the factor
     */
    public static double backward(Loss loss, double factor, DoubleConsumer check) {
        return backward(loss, factor, check, false);
    }

    /**
     * As {@link #backward(Loss, double, DoubleConsumer)}.
     *
     * @param checkpointing whether what {@link #checkpoint} is given is computed twice, to save memory; changes no gradient
     */
    public static double backward(Loss loss, double factor, DoubleConsumer check, boolean checkpointing) {
        Torch.requireTensorThread();
        Tape enclosing = current;
        try {
            return Scope.call(() -> {
                try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                    Tape tape = new Tape(true, checkpointing, factor);
                    current = tape;
                    NDArray scalar = loss.compute(tape);
                    double value = scalarValue(scalar);
                    check.accept(value);
                    tape.run(collector, scalar);
                    return value;
                }
            });
        } finally {
            current = enclosing;
        }
    }

    /** Computes the loss without gradients. */
    public static double evaluate(Loss loss) {
        Torch.requireTensorThread();
        return Scope.call(() -> scalarValue(loss.compute(new Tape(false, false, 1))));
    }

    /** Whether gradients are wanted. */
    public boolean recording() {
        return recording;
    }

    /** What the gradient of the loss is multiplied by. */
    double factor() {
        return factor;
    }

    /**
     * A leaf with the values of {@code inner}; what it collects flows into {@code inner} in the second phase. No cut may
     * depend on another.
     */
    public NDArray cut(NDArray inner) {
        if (!recording || indexOfLeaf(inner) >= 0) {
            return inner;
        }
        NDArray leaf = leafOf(inner);
        inners.add(inner);
        leaves.add(leaf);
        return leaf;
    }

    /**
     * {@code layer(x)}, in a scope of its own. On a tape that checkpoints, only {@code x} is kept for the backward pass, and
     * the third phase computes the layer again when the gradient of its result is known, the last layer first: so the
     * activations of one layer are in memory at a time.
     *
     * @param x input; may be in the graph
     * @param layer gives the same for the same input each time. Besides its input it may read weights and constants that live
     *     as long as the pass; what else is in the graph must be computed inside it
     * @return the result, which belongs to the enclosing scope
     */
    public static NDArray checkpoint(NDArray x, UnaryOperator<NDArray> layer) {
        Tape tape = current;
        try (Scope scope = new Scope()) {
            // What the backward pass needs, the graph keeps; the rest is freed here and not with the whole pass.
            NDArray result = layer.apply(x);
            if (tape == null || !tape.checkpointing || !TorchOps.inGraph(result)) {
                return scope.keep(result);
            }
            NDArray leaf = leafOf(result);
            tape.checkpoints.add(new Checkpoint(x, layer, leaf));
            return scope.keep(leaf);
        }
    }

    private static NDArray leafOf(NDArray array) {
        NDArray leaf = array.stopGradient();
        leaf.setRequiresGradient(true);
        return leaf;
    }

    private int indexOfLeaf(NDArray array) {
        return IntStream.range(0, leaves.size())
                .filter(i -> leaves.get(i) == array)
                .findFirst()
                .orElse(-1);
    }

    /** Work between the two phases, when the leaves have their gradients. */
    void afterLoss(Runnable work) {
        afterLoss.add(work);
    }

    /** Adds {@code gradient} to what flows into {@code array}, or the array it was cut from, in the second phase. */
    void inject(NDArray array, NDArray gradient) {
        int cut = indexOfLeaf(array);
        NDArray surrogate = (cut < 0 ? array : inners.get(cut)).mul(gradient).sum();
        // DJL starts the backward pass with a one of its type, which must have a name in DJL.
        surrogates.add(TorchOps.widened(surrogate));
    }

    /**
     * An array to add the gradient of {@code array} to, in place: the gradient it has if it is a weight, else one that is
     * injected into it.
     */
    NDArray accumulator(NDArray array) {
        NDArray present = array.hasGradient() ? gradient(array) : null;
        if (present != null) {
            return present;
        }
        NDArray zeros = TorchOps.zerosLike(array);
        afterLoss.add(() -> inject(array, zeros));
        return zeros;
    }

    /** Whether a gradient injected into {@code array} would reach a trainable array. */
    boolean wants(NDArray array) {
        int cut = indexOfLeaf(array);
        return recording && TorchOps.inGraph(cut < 0 ? array : inners.get(cut));
    }

    /** The gradient a leaf collected, or null. */
    static @Nullable NDArray gradient(NDArray leaf) {
        return JniUtils.getGradient((PtNDArray) leaf);
    }

    private void run(GradientCollector collector, NDArray loss) {
        NDArray scaled = factor == 1 ? loss : TorchOps.times(loss, factor);
        if (!TorchOps.inGraph(scaled)) {
            throw new IllegalStateException("the loss depends on no trainable array");
        }
        collector.backward(scaled);
        for (int i = 0; i < afterLoss.size(); i++) {
            // Work may add work.
            afterLoss.get(i).run();
        }
        for (int i = 0; i < leaves.size(); i++) {
            NDArray gradient = gradient(leaves.get(i));
            if (gradient != null && TorchOps.inGraph(inners.get(i))) {
                inject(inners.get(i), gradient);
            }
        }
        surrogates.stream().reduce(NDArray::add).ifPresent(collector::backward);
        for (int i = checkpoints.size() - 1; i >= 0; i--) {
            Checkpoint checkpoint = checkpoints.get(i);
            Scope.run(() -> recompute(checkpoint));
            checkpoint.result.close();
        }
    }

    private static void recompute(Checkpoint checkpoint) {
        NDArray gradient = gradient(checkpoint.result);
        if (gradient == null) {
            return;
        }
        boolean flowsOn = TorchOps.inGraph(checkpoint.input);
        NDArray input = flowsOn ? leafOf(checkpoint.input) : checkpoint.input;
        backward(checkpoint.layer.apply(input), gradient);
        NDArray byInput = flowsOn ? gradient(input) : null;
        if (byInput != null) {
            backward(checkpoint.input, byInput);
        }
    }

    /** From an array to the leaves that it depends on, given the gradient of the loss by it. */
    private static void backward(NDArray array, NDArray gradient) {
        JniUtils.backward((PtNDArray) array, (PtNDArray) gradient, false, false);
    }

    private static double scalarValue(NDArray loss) {
        if (loss.size() != 1) {
            throw new IllegalArgumentException("a loss is one number, not of shape " + loss.getShape());
        }
        return switch (loss.getDataType()) {
            case FLOAT32 -> loss.toFloatArray()[0];
            case FLOAT64 -> loss.toDoubleArray()[0];
            default -> throw new IllegalArgumentException("a loss is a float, not " + loss.getDataType());
        };
    }
}
