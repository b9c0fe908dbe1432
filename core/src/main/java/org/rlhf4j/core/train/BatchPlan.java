package org.rlhf4j.core.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.rlhf4j.base.Permutation;

/**
 * Which rows belong to which step: a function of the seed, the number of rows and the step alone, so that a run can be
 * continued at any step.
 */
final class BatchPlan {
    private final TrainingTask task;
    private final TrainingConfig config;
    private final int rows;
    private final long stepsPerEpoch;
    private long epochOfOrder = -1;
    private int[] order = {};

    BatchPlan(TrainingTask task, TrainingConfig config) {
        this.task = task;
        this.config = config;
        this.rows = task.size();
        this.stepsPerEpoch = config.stepsPerEpoch(rows);
    }

    /** The rows of the step that follows {@code step} steps; the last one of an epoch may have fewer. */
    int[] batch(long step) {
        long epoch = step / stepsPerEpoch;
        if (epoch != epochOfOrder) {
            order = Permutation.of(rows, config.seed(), epoch);
            epochOfOrder = epoch;
        }
        int from = (int) (step % stepsPerEpoch) * config.batchSize();
        return Arrays.copyOfRange(order, from, (int) Math.min(rows, (long) from + config.batchSize()));
    }

    /** A batch cut into micro-batches, rows of similar length together where the settings say so. */
    List<int[]> microBatches(int[] batch) {
        int[] ordered = batch;
        if (config.sortByLength() && batch.length > config.microBatchSize()) {
            // Longest first: when memory is short, the first micro-batch shows it.
            ordered = IntStream.of(batch)
                    .boxed()
                    .sorted(Comparator.comparingLong(task::tokens).reversed())
                    .mapToInt(Integer::intValue)
                    .toArray();
        }
        List<int[]> parts = new ArrayList<>();
        for (int from = 0; from < ordered.length; from += config.microBatchSize()) {
            parts.add(Arrays.copyOfRange(ordered, from, Math.min(ordered.length, from + config.microBatchSize())));
        }
        return parts;
    }

    /** Epochs seen after so many steps, with the fraction of the current one in rows. */
    double epochs(long steps) {
        long whole = steps / stepsPerEpoch;
        return whole + (double) (steps % stepsPerEpoch) * config.batchSize() / rows;
    }
}
