package org.rlhf4j.core.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.tensor.FusedUpdates;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;

/**
 * AdamW with torch's semantics: Loshchilov and Hutter, "Decoupled Weight Decay Regularization" (2019), algorithm 2.
 *
 * <p>For step {@code t}, gradient {@code g}, weight {@code w}, learning rate {@code a} and decay {@code d}:
 *
 * <pre>
 * w = w (1 - a d)
 * m = b1 m + (1 - b1) g
 * v = b2 v + (1 - b2) g^2
 * w = w - a / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)
 * </pre>
 *
 * <p>Unless told otherwise only matrices decay (arrays of two or more dimensions: projections, embeddings, heads); biases
 * and norm weights do not.
 */
public final class AdamW implements Resumable, AutoCloseable {
    /** Decays arrays of two or more dimensions. */
    public static final BiPredicate<String, NDArray> MATRICES =
            (name, array) -> array.getShape().dimension() >= 2;

    /**
     * Hyper-parameters.
     *
     * @param beta1 decay of the first moment, in [0, 1)
     * @param beta2 decay of the second moment, in [0, 1)
     * @param epsilon added to the root of the corrected second moment, positive
     * @param weightDecay decoupled decay a step, times the learning rate; 0 or more
     */
    public record Settings(double beta1, double beta2, double epsilon, double weightDecay) {
        /** torch's defaults, without weight decay. */
        public static final Settings DEFAULT = new Settings(0.9, 0.999, 1e-8, 0);

        /** Checks the ranges. */
        public Settings {
            require(beta1 >= 0 && beta1 < 1, "beta1", beta1, "at least 0 and below 1");
            require(beta2 >= 0 && beta2 < 1, "beta2", beta2, "at least 0 and below 1");
            require(epsilon > 0 && Double.isFinite(epsilon), "epsilon", epsilon, "positive");
            require(weightDecay >= 0 && Double.isFinite(weightDecay), "weightDecay", weightDecay, "0 or more");
        }

        private static void require(boolean valid, String name, double value, String rule) {
            if (!valid) {
                throw new IllegalArgumentException(name + " is " + value + ": it must be " + rule);
            }
        }
    }

    private static final String FIRST = ".exp_avg";
    private static final String SECOND = ".exp_avg_sq";
    private static final String STEPS = "steps";
    private static final String MOMENTS = "moments";

    private final Settings settings;
    private final Map<String, Moments> moments = new LinkedHashMap<>();
    private final NDManager manager;
    private long steps;

    private record Moments(NDArray weight, NDArray first, NDArray second, boolean decays) {}

    /** An optimizer of the arrays of {@code parameters} that are trainable now; only matrices decay. */
    public AdamW(Parameters parameters, Settings settings) {
        this(parameters, settings, MATRICES);
    }

    /** An optimizer of the arrays of {@code parameters} that are trainable now; {@code decays} says which decay. */
    public AdamW(Parameters parameters, Settings settings, BiPredicate<String, NDArray> decays) {
        this.settings = settings;
        this.manager = Torch.manager().newSubManager();
        Torch.run(() -> parameters.trainableNames().forEach(name -> {
            NDArray weight = parameters.get(name);
            // Without decay there is one group, and one call an update.
            boolean decayed = settings.weightDecay > 0 && decays.test(name, weight);
            moments.put(name, new Moments(weight, zeros(weight), zeros(weight), decayed));
        }));
    }

    private NDArray zeros(NDArray like) {
        NDArray zeros = manager.zeros(like.getShape(), like.getDataType());
        NDScope.unregister(zeros);
        return zeros;
    }

    /** Names of the arrays this optimizer updates, in the order in which {@link #update} wants their gradients. */
    public List<String> names() {
        return List.copyOf(moments.keySet());
    }

    /** Updates made so far. */
    public long steps() {
        return steps;
    }

    /**
     * One update in place.
     *
     * @param learningRate of this step, 0 or more
     * @param gradients one for each of {@link #names()}, of the weight's shape
     */
    public void update(double learningRate, List<NDArray> gradients) {
        if (gradients.size() != moments.size()) {
            throw new IllegalArgumentException(gradients.size() + " gradients for " + moments.size() + " parameters");
        }
        steps++;
        updateGroup(learningRate, gradients, true);
        updateGroup(learningRate, gradients, false);
    }

    private void updateGroup(double learningRate, List<NDArray> gradients, boolean decaying) {
        List<NDArray> weights = new ArrayList<>();
        List<NDArray> groupGradients = new ArrayList<>();
        List<NDArray> first = new ArrayList<>();
        List<NDArray> second = new ArrayList<>();
        int i = 0;
        for (Moments m : moments.values()) {
            NDArray gradient = gradients.get(i++);
            if (m.decays == decaying) {
                weights.add(m.weight);
                groupGradients.add(gradient);
                first.add(m.first);
                second.add(m.second);
            }
        }
        double[] numbers = {
            steps, learningRate, settings.beta1, settings.beta2, decaying ? settings.weightDecay : 0, settings.epsilon
        };
        FusedUpdates.adamW(weights, groupGradients, first, second, numbers);
    }

    /** The moments, {@code <parameter>.exp_avg} and {@code <parameter>.exp_avg_sq}, and the updates made. */
    @Override
    public void saveTo(StateWriter out) {
        out.put(STEPS, steps).tensors(MOMENTS, arrays());
    }

    @Override
    public void restoreFrom(StateReader in) {
        in.tensors(MOMENTS, arrays());
        steps = in.integer(STEPS);
    }

    /** The moments themselves, by their names in files. */
    public Map<String, NDArray> arrays() {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        moments.forEach((name, m) -> {
            arrays.put(name + FIRST, m.first);
            arrays.put(name + SECOND, m.second);
        });
        return arrays;
    }

    /** Frees the moments. */
    @Override
    public void close() {
        Torch.run(manager::close);
    }
}
