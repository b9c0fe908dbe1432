package org.rlhf4j.core.train;

import ai.djl.ndarray.NDArray;
import java.util.Map;
import org.rlhf4j.core.tensor.Tape;

/**
 * What one supervised trainer brings to the {@link TrainingLoop}: rows, a loss that is a sum over rows, and figures on
 * held-out data.
 *
 * <p>The loop minimises {@code lossSum(batch) / normaliser(batch)} however it cuts the batch into micro-batches, so
 * {@link #lossSum} must be a plain sum in which each row's part does not depend on its neighbours.
 */
public interface TrainingTask {
    /** Number of training rows, fixed for the life of the task. */
    int size();

    /** How a message names a row, such as {@code pairs.jsonl:17}. */
    default String rowId(int row) {
        return "row " + row;
    }

    /** Real tokens that a row makes the model read, without padding; constant. */
    long tokens(int row);

    /**
     * What the loss of a batch is divided by: its rows, their weights' sum, or its target tokens. Positive and additive:
     * that of a batch is the sum of those of its rows.
     */
    default double normaliser(int[] rows) {
        return rows.length;
    }

    /**
     * The sum of the rows' losses, differentiable. Runs on the tensor thread in a scope of its own.
     *
     * @param rows the rows of one micro-batch
     * @param tape of this pass, for a forward pass cut in two
     * @param metrics receives the task's own figures; a mean adds its sum and the number of tokens or rows summed over
     * @return a scalar
     */
    NDArray lossSum(int[] rows, Tape tape, MetricSums metrics);

    /**
     * Figures on held-out data under their plain names ({@code loss}, {@code accuracy}); the loop prefixes
     * {@code eval_}. Runs on the tensor thread in a scope of its own; empty when there is no held-out data.
     */
    default Map<String, Double> evaluate() {
        return Map.of();
    }

    /**
     * Which of the figures of {@link #evaluate} can pick the best weights, and which way is better. Empty when there is
     * no held-out data.
     */
    default Map<String, Better> comparable() {
        return Map.of();
    }

    /** Which way a figure improves. */
    enum Better {
        LOWER,
        HIGHER;

        /** Whether {@code value} is strictly better than {@code best}; NaN never is. */
        public boolean improves(double value, double best) {
            return this == LOWER ? value < best : value > best;
        }
    }
}
