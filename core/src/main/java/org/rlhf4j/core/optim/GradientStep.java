package org.rlhf4j.core.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
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
 */
public final class GradientStep {
    /** torch's {@code clip_grad_norm_} adds this to the norm. */
    private static final double CLIP_EPSILON = 1e-6;

    private final Parameters parameters;
    private final AdamW optimizer;
    private final double maxGradNorm;
    private int[] rows = {};

    /**
     * What an update did.
     *
     * @param step the updates made, this one included
     * @param gradNorm Euclidean norm of all gradients before clipping
     * @param clipped whether the gradients were scaled down
     */
    public record Report(long step, double gradNorm, boolean clipped) {}

    /**
     * @param maxGradNorm gradients of a larger global norm are scaled down to it; {@code Double.POSITIVE_INFINITY} never
     *     clips
     */
    public GradientStep(Parameters parameters, AdamW optimizer, double maxGradNorm) {
        if (!(maxGradNorm > 0)) {
            throw new IllegalArgumentException("maxGradNorm is " + maxGradNorm + ": it must be positive");
        }
        this.parameters = parameters;
        this.optimizer = optimizer;
        this.maxGradNorm = maxGradNorm;
    }

    /** Updates made so far. */
    public long steps() {
        return optimizer.steps();
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
        rows = IntStream.concat(IntStream.of(rows), IntStream.of(batchRows)).toArray();
        return Torch.call(() -> {
            try {
                return Tape.backward(lossSum, 1 / normaliser, value -> {
                    if (!Double.isFinite(value)) {
                        throw new NonFiniteException(optimizer.steps() + 1, "loss", batchRows);
                    }
                });
            } catch (RuntimeException e) {
                discard();
                throw e;
            }
        });
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
        List<NDArray> gradients = gradients();
        double norm = checkedNorm(gradients);
        boolean clip = norm + CLIP_EPSILON > maxGradNorm;
        if (clip) {
            FusedUpdates.scale(gradients, maxGradNorm / (norm + CLIP_EPSILON));
        }
        optimizer.update(learningRate, gradients);
        return new Report(optimizer.steps(), norm, clip);
    }

    /** Drops what was accumulated. */
    public void discard() {
        rows = new int[0];
        Torch.run(() -> optimizer.names().forEach(name -> JniUtils.zeroGrad((PtNDArray) parameters.get(name))));
    }

    private List<NDArray> gradients() {
        List<NDArray> gradients = new ArrayList<>();
        for (String name : optimizer.names()) {
            NDArray gradient = JniUtils.getGradient((PtNDArray) parameters.get(name));
            if (gradient == null) {
                throw new IllegalStateException("no gradient reached \"" + name
                        + "\": either the loss does not depend on it (freeze it), or an operation cut the gradient");
            }
            gradients.add(gradient);
        }
        return gradients;
    }

    private double checkedNorm(List<NDArray> gradients) {
        double[] norms = FusedUpdates.norms(gradients);
        double sum = 0;
        for (int i = 0; i < norms.length; i++) {
            if (!Double.isFinite(norms[i])) {
                throw new NonFiniteException(
                        optimizer.steps() + 1, optimizer.names().get(i), rows);
            }
            sum += norms[i] * norms[i];
        }
        return Math.sqrt(sum);
    }
}
