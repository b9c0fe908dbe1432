package org.rlhf4j.core.train;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;

/** Settings of the {@link TrainingLoop}, the same for every supervised trainer. */
public record TrainingConfig(
        @Doc("How often the training rows are seen; fractions are allowed.")
        double epochs,

        @Doc("Number of updates; overrides epochs when given.") @Nullable
        Integer maxSteps,

        @Doc("Rows of one update.") int batchSize,

        @Doc("Rows of one forward and backward pass; divides batchSize. Changes memory and speed, not results.")
        int microBatchSize,

        @Doc("Whether the rows of a batch are sorted by length into micro-batches, which saves padding.")
        boolean sortByLength,

        @Doc("Whether the activations of each layer are computed again in the backward pass: less memory, more time.")
        boolean gradientCheckpointing,

        @Doc("Seed of the data order and of everything random.")
        long seed,

        @Doc("Metrics are written every so many steps.") int loggingSteps,

        @Doc("Held-out data is evaluated every so many steps, and always at the end; 0: only at the end.")
        int evalSteps,

        @Doc("Evaluation metric, such as eval_accuracy, whose best weights are kept; the last ones when absent.")
        @Nullable
        String keepBest,

        @Doc("How weights are updated.") OptimizerConfig optimizer) {

    /** Checks the ranges. */
    public TrainingConfig {
        Require.positive("epochs", epochs);
        if (maxSteps != null) {
            Require.atLeast("maxSteps", maxSteps, 1);
        }
        Require.atLeast("batchSize", batchSize, 1);
        Require.atLeast("microBatchSize", microBatchSize, 1);
        Require.that(
                batchSize % microBatchSize == 0,
                "microBatchSize",
                microBatchSize,
                "must divide batchSize " + batchSize + " without remainder");
        Require.atLeast("loggingSteps", loggingSteps, 1);
        Require.atLeast("evalSteps", evalSteps, 0);
    }

    /** The defaults of transformers' and TRL's trainers; the learning rate is the caller's. */
    public static TrainingConfig defaults(double learningRate) {
        return new TrainingConfig(3, null, 8, 8, true, false, 42, 10, 0, null, OptimizerConfig.defaults(learningRate));
    }

    /** Updates an epoch, the last of which may see fewer rows. */
    public long stepsPerEpoch(int rows) {
        return (rows + (long) batchSize - 1) / batchSize;
    }

    /** All updates of a run over so many rows. */
    public long totalSteps(int rows) {
        return maxSteps != null ? maxSteps : Math.max(1, (long) Math.ceil(epochs * stepsPerEpoch(rows)));
    }
}
