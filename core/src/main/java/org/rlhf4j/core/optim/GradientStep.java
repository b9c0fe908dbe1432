package org.rlhf4j.core.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.tensor.FusedUpdates;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;

/**
 * One update of the trainable weights: collect, accumulate, check that all is finite, clip by global norm, update, zero.
 *
 * <p>Call {@link #accumulate} once for each micro-batch, then {@link #update}. Gradients add up, so a batch cut into
 * micro-batches gives the gradient of the whole as long as every call divides by the normaliser of the whole batch.
 *
 * <p>There may be several {@linkplain Part parts}, which one loss reaches together; each is clipped by the norm of its own
 * gradients and has an optimizer and a learning rate of its own. A part whose weights are all frozen rests.
 */
public final class GradientStep implements Resumable {
    /** torch's {@code clip_grad_norm_} adds this to the norm. */
    private static final double CLIP_EPSILON = 1e-6;

    private static final String PASSES = "passes";

    private final List<Part> parts;
    private final boolean checkpointing;
    private long steps;
    private int[] rows = {};
    private long[] passes = {};

    /**
     * Weights that are updated together.
     *
     * @param name put before the names of its weights in messages; may be empty
     * @param parameters the weights
     * @param optimizer of those that are to be updated
     * @param maxGradNorm gradients of a larger global norm are scaled down to it; {@code Double.POSITIVE_INFINITY} never
     *     clips
     * @param rateFactor what the learning rate is multiplied by, at least 0
     */
    public record Part(String name, Parameters parameters, AdamW optimizer, double maxGradNorm, double rateFactor) {
        /** Checks the ranges. */
        public Part {
            if (!(maxGradNorm > 0)) {
                throw new IllegalArgumentException("maxGradNorm is " + maxGradNorm + ": it must be positive");
            }
            if (!(rateFactor >= 0) || Double.isInfinite(rateFactor)) {
                throw new IllegalArgumentException("rateFactor is " + rateFactor + ": it must be at least 0");
            }
        }

        private boolean rests() {
            return parameters.trainableNames().isEmpty();
        }

        private Map<String, NDArray> arrays() {
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            optimizer.names().forEach(weight -> arrays.put(weight, parameters.get(weight)));
            return arrays;
        }

        private String named(String weight) {
            return name.isEmpty() ? weight : name + "." + weight;
        }
    }

    /**
     * What an update did.
     *
     * @param step the updates made, this one included
     * @param gradNorm Euclidean norm of all gradients before clipping
     * @param clipped whether gradients were scaled down
     * @param partNorms the norm of each part; 0 for one that rests
     */
    public record Report(long step, double gradNorm, boolean clipped, List<Double> partNorms) {}

    /**
     * Steps of one part.
     *
     * @param maxGradNorm gradients of a larger global norm are scaled down to it; {@code Double.POSITIVE_INFINITY} never
     *     clips
     */
    public GradientStep(Parameters parameters, AdamW optimizer, double maxGradNorm) {
        this(List.of(new Part("", parameters, optimizer, maxGradNorm, 1)));
    }

    /** Steps of several parts. */
    public GradientStep(List<Part> parts) {
        this(parts, false);
    }

    /**
     * Steps of several parts.
     *
     * @param checkpointing whether the activations of {@linkplain Tape#checkpoint layers} are computed again in the backward
     *     pass, to save memory
     */
    public GradientStep(List<Part> parts, boolean checkpointing) {
        this.parts = List.copyOf(parts);
        this.checkpointing = checkpointing;
        this.steps =
                parts.stream().mapToLong(part -> part.optimizer.steps()).max().orElseThrow();
    }

    /** Updates made so far. */
    public long steps() {
        return steps;
    }

    /** For each part the weights that its optimizer updates, also while it rests, and the optimizer. */
    @Override
    public void saveTo(StateWriter out) {
        out.put("steps", steps);
        for (Part part : parts) {
            StateWriter own = part.name.isEmpty() ? out : out.within(part.name);
            own.put(PASSES, part.parameters.passes())
                    .tensors("weights", part.arrays())
                    .part("optimizer", part.optimizer);
        }
    }

    @Override
    public void restoreFrom(StateReader in) {
        for (Part part : parts) {
            StateReader own = part.name.isEmpty() ? in : in.within(part.name);
            own.tensors("weights", part.arrays());
            part.parameters.restorePasses(own.integer(PASSES));
            own.part("optimizer", part.optimizer);
        }
        steps = in.integer("steps");
    }

    /**
     * Adds the gradient of {@code lossSum / normaliser} to the accumulated one.
     *
     * @param batchRows data rows of this micro-batch, for the message if something is not finite
     * @param normaliser what the whole batch's loss is divided by, not this micro-batch's; positive
     * @param lossSum the scalar sum over the rows
     * @return the value of the sum
     * @throws NonFiniteException if the loss is not finite; accumulated gradients are dropped
     */
    public double accumulate(int[] batchRows, double normaliser, Tape.Loss lossSum) {
        if (!(normaliser > 0) || Double.isInfinite(normaliser)) {
            throw new IllegalArgumentException("the normaliser is " + normaliser + ": it must be positive");
        }
        if (rows.length == 0) {
            passes = parts.stream().mapToLong(part -> part.parameters.passes()).toArray();
        }
        rows = IntStream.concat(IntStream.of(rows), IntStream.of(batchRows))
                .distinct()
                .toArray();
        return Torch.call(() -> {
            try {
                return Tape.backward(lossSum, 1 / normaliser, value -> requireFinite(value, batchRows), checkpointing);
            } catch (RuntimeException e) {
                discard();
                throw e;
            }
        });
    }

    private void requireFinite(double loss, int[] batchRows) {
        if (!Double.isFinite(loss)) {
            throw new NonFiniteException(steps + 1, "loss", batchRows);
        }
    }

    /**
     * Updates the weights with the accumulated gradient and zeroes it.
     *
     * @throws NonFiniteException if a gradient is not finite; weights and moments are untouched
     */
    public Report update(double learningRate) {
        return Torch.call(() -> {
            try {
                return Scope.call(() -> updateNow(learningRate));
            } finally {
                discard();
            }
        });
    }

    private Report updateNow(double learningRate) {
        List<List<NDArray>> gradients = new ArrayList<>();
        List<Double> norms = new ArrayList<>();
        // All parts are checked before the first one changes.
        for (Part part : parts) {
            List<NDArray> own = part.rests() ? List.of() : gradients(part);
            gradients.add(own);
            norms.add(part.rests() ? 0 : checkedNorm(part, own));
        }
        boolean clipped = false;
        for (int i = 0; i < norms.size(); i++) {
            Part part = parts.get(i);
            boolean clip = norms.get(i) + CLIP_EPSILON > part.maxGradNorm;
            if (clip) {
                FusedUpdates.scale(gradients.get(i), part.maxGradNorm / (norms.get(i) + CLIP_EPSILON));
            }
            if (!part.rests()) {
                part.optimizer.update(learningRate * part.rateFactor, gradients.get(i));
            }
            clipped |= clip;
        }
        steps++;
        double norm = Math.sqrt(norms.stream().mapToDouble(own -> own * own).sum());
        return new Report(steps, norm, clipped, List.copyOf(norms));
    }

    /** Drops what was accumulated. */
    public void discard() {
        rows = new int[0];
        Torch.run(() -> parts.forEach(part ->
                part.optimizer.names().forEach(name -> JniUtils.zeroGrad((PtNDArray) part.parameters.get(name)))));
    }

    /** Drops what was accumulated, and the passes are as if they had not been made: the step is not begun. */
    public void undo() {
        discard();
        for (int i = 0; i < passes.length; i++) {
            parts.get(i).parameters.restorePasses(passes[i]);
        }
    }

    /**
     * Adds a gradient as {@link #accumulate} does, but whatever comes out. For {@link #diagnose}.
     *
     * @return the value of the sum
     */
    public double probe(double normaliser, Tape.Loss lossSum) {
        return Torch.call(() -> Tape.backward(lossSum, 1 / normaliser, value -> {}, checkpointing));
    }

    /** {@linkplain GradientStep#probe Probes} some rows. */
    @FunctionalInterface
    public interface Probe {
        /** The loss of the rows, however many passes it takes. */
        double of(int[] rows);
    }

    /**
     * Computes a step again that was {@linkplain #undo not made}, and then its rows one by one; afterwards nothing is changed.
     *
     * @param microBatches the rows of the step; none where only the weights are looked at
     * @param pass probes some rows and gives their loss
     * @param place what the data calls a row
     */
    public Diagnosis diagnose(List<int[]> microBatches, Probe pass, IntFunction<String> place) {
        passes = parts.stream().mapToLong(part -> part.parameters.passes()).toArray();
        try {
            microBatches.forEach(pass::of);
            Map<String, Double> gradients = norms(false);
            discard();
            List<Diagnosis.Row> alone = new ArrayList<>();
            int[] all = microBatches.stream()
                    .flatMapToInt(IntStream::of)
                    .limit(Diagnosis.MOST_ROWS)
                    .toArray();
            for (int row : all) {
                double loss = pass.of(new int[] {row});
                double squares = norms(false).values().stream()
                        .mapToDouble(norm -> norm * norm)
                        .sum();
                discard();
                alone.add(new Diagnosis.Row(place.apply(row), loss, Math.sqrt(squares)));
            }
            return new Diagnosis(alone, gradients, norms(true));
        } finally {
            undo();
        }
    }

    /** Norms of what is learned, of the weights or of their gradients; of no gradient where none reached a weight. */
    private Map<String, Double> norms(boolean ofWeights) {
        return Torch.call(() -> Scope.call(() -> {
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            for (Part part : parts) {
                part.arrays().forEach((name, weight) -> {
                    NDArray array = ofWeights ? weight : JniUtils.getGradient((PtNDArray) weight);
                    if (array != null) {
                        arrays.put(part.named(name), array);
                    }
                });
            }
            double[] norms = FusedUpdates.norms(List.copyOf(arrays.values()));
            Map<String, Double> named = new LinkedHashMap<>();
            arrays.keySet().forEach(name -> named.put(name, norms[named.size()]));
            return named;
        }));
    }

    private static List<NDArray> gradients(Part part) {
        List<NDArray> gradients = new ArrayList<>();
        for (String name : part.optimizer.names()) {
            NDArray gradient = JniUtils.getGradient((PtNDArray) part.parameters.get(name));
            if (gradient == null) {
                throw new IllegalStateException("no gradient reached \"" + part.named(name)
                        + "\": either the loss does not depend on it (freeze it), or an operation cut the gradient");
            }
            gradients.add(gradient);
        }
        return gradients;
    }

    private double checkedNorm(Part part, List<NDArray> gradients) {
        double[] norms = FusedUpdates.norms(gradients);
        double sum = 0;
        for (int i = 0; i < norms.length; i++) {
            if (!Double.isFinite(norms[i])) {
                String weight = part.named(part.optimizer.names().get(i));
                throw new NonFiniteException(steps + 1, weight, rows);
            }
            sum += norms[i] * norms[i];
        }
        return Math.sqrt(sum);
    }
}
