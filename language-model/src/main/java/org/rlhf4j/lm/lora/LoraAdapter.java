package org.rlhf4j.lm.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.LowRank;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * An adapter: the weights that are trained beside a frozen model. They have PEFT's names without its prefix, such as
 * {@code model.layers.0.self_attn.q_proj.lora_A.weight}. Weights of modules that the adapter has whole, such as a score head,
 * may be put among them.
 *
 * <p>Owns its own weights, not the model's. Used on the tensor thread.
 */
public final class LoraAdapter implements AutoCloseable {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";
    private static final String MAGNITUDE = ".lora_magnitude_vector";
    private static final List<String> LOW_RANK = List.of(A, B, MAGNITUDE);

    private final AdapterConfig config;
    private final Parameters weights;
    private final DropoutMasks masks;
    private final Map<String, LoraModule> modules = new LinkedHashMap<>();
    private final Map<String, LinearModule> linears = new LinkedHashMap<>();

    /**
     * The adapter with weights that are there.
     *
     * @param config says which modules have one
     * @param linears the linear maps of the model's layers
     * @param weights of the adapter, which takes them over
     * @param seed of dropout
     * @throws IllegalArgumentException if no module is targeted, or a weight is missing or has another shape than its module
     *     calls for
     */
    public LoraAdapter(AdapterConfig config, List<LinearModule> linears, Parameters weights, long seed) {
        this.config = config;
        this.weights = weights;
        this.masks = new DropoutMasks(config.lora().dropout(), seed, weights);
        Map<String, Shape> shapes = shapes(config, linears);
        shapes.forEach(this::requireShape);
        for (LinearModule linear : linears) {
            String name = linear.name();
            if (config.targets(name)) {
                LoraModule.LoraWeights own = new LoraModule.LoraWeights(
                        weights.get(name + A),
                        weights.get(name + B),
                        config.lora().dora() ? weights.get(name + MAGNITUDE) : null);
                modules.put(name, new LoraModule(linear, own, config.scaling(name), masks));
                this.linears.put(name, linear);
            }
        }
    }

    private void requireShape(String name, Shape shape) {
        Shape actual = weights.get(name).getShape();
        if (!actual.equals(shape)) {
            throw new IllegalArgumentException("adapter weight " + name + " is " + actual + ", should be " + shape);
        }
    }

    /**
     * A fresh adapter, which changes nothing until it is trained. A is uniform in {@code ±1 / sqrt(in)}, which is PEFT's
     * {@code kaiming_uniform_(a=sqrt(5))}; B is 0; with DoRA the magnitudes are the lengths of W's rows.
     *
     * @param lora how
     * @param linears the linear maps of the model's layers
     * @param seed of A and of dropout
     * @throws IllegalArgumentException if no module is targeted
     */
    public static LoraAdapter create(LoraConfig lora, List<LinearModule> linears, long seed) {
        AdapterConfig config = AdapterConfig.of(lora);
        shapes(config, linears);
        Parameters weights = new Parameters();
        try {
            SeededStream streams = SeededStream.of(seed, "lora A");
            for (LinearModule linear : linears) {
                if (config.targets(linear.name())) {
                    Scope.run(() -> start(weights, linear, lora, streams.child(linear.name())));
                }
            }
            return new LoraAdapter(config, linears, weights, seed);
        } catch (RuntimeException | Error e) {
            weights.close();
            throw e;
        }
    }

    private static void start(Parameters weights, LinearModule linear, LoraConfig lora, SeededStream stream) {
        double bound = 1 / Math.sqrt((double) linear.in());
        double[] values = new double[Math.toIntExact(lora.rank() * linear.in())];
        for (int i = 0; i < values.length; i++) {
            values[i] = bound * (2 * stream.nextDouble() - 1);
        }
        DataType type = type(linear);
        Shape shape = new Shape(lora.rank(), linear.in());
        weights.put(
                linear.name() + A,
                type == DataType.FLOAT64
                        ? HostCopy.create(weights.manager(), shape, values)
                        : HostCopy.create(weights.manager(), shape, narrow(values)));
        weights.put(linear.name() + B, weights.manager().zeros(new Shape(linear.out(), lora.rank()), type));
        if (lora.dora()) {
            NDArray norms = LowRank.norms(linear.upright());
            weights.put(linear.name() + MAGNITUDE, type == DataType.FLOAT64 ? norms : TorchOps.toFloat32(norms));
        }
    }

    /** Adapters of half-precision matrices are float32, as PEFT has them. */
    private static DataType type(LinearModule linear) {
        return linear.weight().getDataType() == DataType.FLOAT64 ? DataType.FLOAT64 : DataType.FLOAT32;
    }

    private static float[] narrow(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    /**
     * The names and shapes of an adapter's weights.
     *
     * @throws IllegalArgumentException if no module is targeted
     */
    public static Map<String, Shape> shapes(AdapterConfig config, List<LinearModule> linears) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (LinearModule linear : linears) {
            String name = linear.name();
            if (config.targets(name)) {
                int rank = config.rank(name);
                shapes.put(name + A, new Shape(rank, linear.in()));
                shapes.put(name + B, new Shape(linear.out(), rank));
                if (config.lora().dora()) {
                    shapes.put(name + MAGNITUDE, new Shape(linear.out()));
                }
            }
        }
        if (shapes.isEmpty()) {
            throw new IllegalArgumentException(
                    "none of the model's linear maps is a target of the adapter: targets are "
                            + config.lora().targets() + ", modules are "
                            + linears.stream()
                                    .map(LinearModule::name)
                                    .map(LoraAdapter::lastName)
                                    .distinct()
                                    .toList());
        }
        return shapes;
    }

    private static String lastName(String module) {
        return module.substring(module.lastIndexOf('.') + 1);
    }

    /** What holds for the adapter. */
    public AdapterConfig config() {
        return config;
    }

    /** The adapter's weights, for training. */
    public Parameters weights() {
        return weights;
    }

    /** The adapter of a linear map, or null where it has none. */
    public @Nullable LoraModule module(String name) {
        return modules.get(name);
    }

    /** The linear maps that have an adapter, in the order of the layers. */
    public List<LinearModule> targets() {
        return List.copyOf(linears.values());
    }

    /**
     * Begins a forward pass. Dropout is on where gradients of the adapter are recorded: not in evaluation, generation and
     * scoring.
     */
    public void beginPass() {
        masks.begin(Torch.recordsGradients() && !weights.trainableNames().isEmpty());
    }

    /**
     * Folds the adapter into the weights of its model, in place, and adds the weights that the adapter has whole.
     *
     * @param model the weights of the model, under their names in the files
     */
    public void mergeInto(Parameters model) {
        modules.forEach((name, module) -> Scope.run(module::mergeIntoWeight));
        try (Parameters copy = weights.copy()) {
            copy.names().stream()
                    .filter(name -> LOW_RANK.stream().noneMatch(name::endsWith))
                    .forEach(name -> model.put(name, copy.get(name)));
        }
    }

    /** Whether the model does the same with it as without: B is 0, and with DoRA no row has another length than W's. */
    public boolean isNeutral() {
        return Scope.call(() -> modules.values().stream().allMatch(LoraModule::isNeutral));
    }

    /** Feeds settings, names and values to a hash; nothing as long as the model does the same without the adapter. */
    public void digestInto(MessageDigest digest) {
        if (!isNeutral()) {
            digest.update(Json.pretty(config.toJson("")).getBytes(StandardCharsets.UTF_8));
            weights.digestInto(digest);
        }
    }

    /**
     * A frozen adapter over the same model with a copy of the weights as they are now.
     *
     * @param seed of its dropout
     */
    public LoraAdapter copy(long seed) {
        return new LoraAdapter(config, targets(), weights.copy(), seed);
    }

    /** Frees the adapter's weights. */
    @Override
    public void close() {
        weights.close();
    }
}
