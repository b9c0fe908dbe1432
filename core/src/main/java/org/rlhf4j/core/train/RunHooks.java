package org.rlhf4j.core.train;

import java.io.Flushable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.checkpoint.CheckpointHook;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.optim.BadStep;
import org.rlhf4j.core.optim.StepHealth;

/**
 * Everything outside that a training run talks to; immutable, starting from {@link #NONE}.
 *
 * @param progress is told how the run goes
 * @param metrics receives the metrics of every {@code loggingSteps} steps and of every evaluation
 * @param stop asked before each step whether to stop. A step that was begun is finished, so nothing of it is lost
 * @param checkpoints where the state is kept, at the latest when the run stops, and where it goes on from
 * @param badSteps is told of steps whose numbers are not finite
 * @param log another file of the run that must be whole in a checkpoint, as one of {@code metrics} that is a
 *     {@link MetricsSink} must
 */
public record RunHooks(
        Progress progress,
        Consumer<Progress.StepMetrics> metrics,
        BooleanSupplier stop,
        CheckpointHook checkpoints,
        BadStepHook badSteps,
        Flushable log) {
    /** Tells nobody, never stops, keeps nothing. */
    public static final RunHooks NONE =
            new RunHooks(Progress.SILENT, values -> {}, () -> false, CheckpointHook.NONE, BadStepHook.NONE, () -> {});

    /** These, with another listener. */
    public RunHooks progress(Progress listener) {
        return new RunHooks(listener, metrics, stop, checkpoints, badSteps, log);
    }

    /** These, with another receiver of metrics. */
    public RunHooks metrics(Consumer<Progress.StepMetrics> sink) {
        return new RunHooks(progress, sink, stop, checkpoints, badSteps, log);
    }

    /** These, with another condition to stop. */
    public RunHooks stopWhen(BooleanSupplier condition) {
        return new RunHooks(progress, metrics, condition, checkpoints, badSteps, log);
    }

    /** These, with another place for checkpoints. */
    public RunHooks checkpoints(CheckpointHook hook) {
        return new RunHooks(progress, metrics, stop, hook, badSteps, log);
    }

    /** These, with another listener to bad steps. */
    public RunHooks badSteps(BadStepHook hook) {
        return new RunHooks(progress, metrics, stop, checkpoints, hook, log);
    }

    /** These, with another log that is written out before each checkpoint. */
    public RunHooks log(Flushable file) {
        return new RunHooks(progress, metrics, stop, checkpoints, badSteps, file);
    }

    /**
     * Passes on what the steps of a run have to say of their numbers.
     *
     * @param run hands out the state before each step; null where it does not know it any more
     */
    public StepHealth.Listener health(@Nullable Resumable run) {
        return new StepHealth.Listener() {
            @Override
            public void warned(long step, String text) {
                progress.warned(step, text);
            }

            @Override
            public void bad(BadStep step) {
                badSteps.bad(step, run);
            }
        };
    }

    /** Takes over what a run goes on from, if it does. */
    public void begin(Resumable run) {
        checkpoints.resumed().ifPresent(run::restoreFrom);
        checkpoints.started();
    }

    /** Whether to stop now. An interrupt of the thread says so too, and is cleared: left set, it would close files being written. */
    public boolean stopRequested() {
        return stop.getAsBoolean() || Thread.interrupted();
    }

    /**
     * Leaves a checkpoint where one is due or the run stops. As long as the logs cannot be written out there is none, for it
     * would lack their lines.
     *
     * @param step made so far
     * @param stopping whether there will be no further step for now
     * @param run whose state is kept
     * @throws UncheckedIOException if the run stops and the logs cannot be written out
     */
    public void afterStep(long step, boolean stopping, Resumable run) {
        if (metrics instanceof MetricsSink sink) {
            sink.newTrouble().ifPresent(trouble -> progress.warned(step, trouble));
        }
        if (!stopping && !checkpoints.due(step)) {
            return;
        }
        try {
            if (metrics instanceof MetricsSink sink) {
                sink.flush();
            }
            log.flush();
        } catch (IOException e) {
            if (stopping) {
                throw new UncheckedIOException(
                        "the checkpoint of step " + step + " was not written: " + e.getMessage(), e);
            }
            checkpoints.failed(step, e);
            return;
        }
        checkpoints.save(step, run);
    }
}
