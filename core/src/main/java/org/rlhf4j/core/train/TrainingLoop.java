package org.rlhf4j.core.train;

import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.core.optim.AdamW;
import org.rlhf4j.core.optim.GradientStep;
import org.rlhf4j.core.optim.NonFiniteException;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;

/**
 * The training loop of every supervised trainer.
 *
 * <p>Each epoch visits every row once, in the order {@code Permutation.of(rows, seed, epoch)}. A step takes the next
 * {@code batchSize} rows (fewer at the end of an epoch), cuts them into micro-batches, adds up the gradients of
 * {@code lossSum / normaliser} with the normaliser of the whole batch, and updates the weights once: the update does not
 * depend on {@code microBatchSize} beyond rounding. Metrics are sums over all rows since the last time divided by their
 * count, so padding and small last batches do not distort them.
 *
 * <p>Same seed, data, settings, machine and thread count: same figures and weights.
 */
public final class TrainingLoop {
    private final TrainingTask task;
    private final Parameters parameters;
    private final TrainingConfig config;
    private LongSupplier nanoTime = System::nanoTime;

    /**
     * Prepares a run.
     *
     * @param parameters the weights, updated in place: all of them are trainable during {@link #run} and frozen after it
     * @throws IllegalArgumentException if the task has no rows, or {@code keepBest} names a figure that the task does not
     *     evaluate
     */
    public TrainingLoop(TrainingTask task, Parameters parameters, TrainingConfig config) {
        if (task.size() == 0) {
            throw new IllegalArgumentException("there are no training rows");
        }
        this.task = task;
        this.parameters = parameters;
        this.config = config;
        checkKeepBest();
    }

    private void checkKeepBest() {
        String wanted = config.keepBest();
        if (wanted == null) {
            return;
        }
        var known = task.comparable().keySet().stream()
                .map(name -> TrainingRun.EVAL + name)
                .sorted()
                .toList();
        if (known.isEmpty()) {
            throw new IllegalArgumentException("keepBest is " + wanted
                    + ", but there is no held-out data to evaluate: give some, or leave it out");
        }
        if (!known.contains(wanted)) {
            throw new IllegalArgumentException("keepBest: " + NearestName.unknown("metric", wanted, known));
        }
    }

    TrainingLoop clock(LongSupplier clock) {
        this.nanoTime = clock;
        return this;
    }

    /** {@link #run(RunHooks)} that nobody watches. */
    public TrainingResult run() {
        return run(RunHooks.NONE);
    }

    /**
     * Trains. An interrupt of the running thread stops like a {@linkplain RunHooks#stop condition to stop}, and is cleared.
     *
     * <p>When the settings name a {@code keepBest} metric, the weights of the best evaluation are put back at the end of
     * a run that was not interrupted.
     *
     * @param hooks who watches
     * @throws NonFiniteException when a loss or gradient is NaN or infinite, before the update, with step, tensor and
     *     rows; the weights are those of the last good step
     */
    public TrainingResult run(RunHooks hooks) {
        Torch.run(() -> parameters.setAllTrainable(true));
        try {
            return train(hooks);
        } finally {
            Torch.run(() -> parameters.setAllTrainable(false));
        }
    }

    private TrainingResult train(RunHooks hooks) {
        String keep = config.keepBest();
        AdamW optimizer =
                Torch.call(() -> new AdamW(parameters, config.optimizer().adamW()));
        @Nullable BestWeights best = keep == null ? null : new BestWeights(parameters, keep, betterFor(keep));
        try {
            GradientStep.Part all = new GradientStep.Part(
                    "", parameters, optimizer, config.optimizer().clipNorm(), 1);
            GradientStep gradient = new GradientStep(List.of(all), config.gradientCheckpointing());
            return new TrainingRun(task, config, gradient, best, hooks, nanoTime).run();
        } finally {
            optimizer.close();
            if (best != null) {
                best.close();
            }
        }
    }

    private TrainingTask.Better betterFor(String metric) {
        TrainingTask.Better better = task.comparable().get(metric.substring(TrainingRun.EVAL.length()));
        if (better == null) {
            throw new IllegalStateException(metric + " was comparable when the loop was made");
        }
        return better;
    }
}
