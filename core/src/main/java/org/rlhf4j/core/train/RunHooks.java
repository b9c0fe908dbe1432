package org.rlhf4j.core.train;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Everything outside that a training run talks to; immutable, starting from {@link #NONE}.
 *
 * @param progress is told how the run goes
 * @param metrics receives the metrics of every {@code loggingSteps} steps and of every evaluation
 * @param stop asked before each micro-batch whether to stop. The step that was begun is dropped, so the weights are those
 *     of the last complete one
 */
public record RunHooks(Progress progress, Consumer<Progress.StepMetrics> metrics, BooleanSupplier stop) {
    /** Tells nobody and never stops. */
    public static final RunHooks NONE = new RunHooks(Progress.SILENT, values -> {}, () -> false);

    /** These, with another listener. */
    public RunHooks progress(Progress listener) {
        return new RunHooks(listener, metrics, stop);
    }

    /** These, with another receiver of metrics. */
    public RunHooks metrics(Consumer<Progress.StepMetrics> sink) {
        return new RunHooks(progress, sink, stop);
    }

    /** These, with another condition to stop. */
    public RunHooks stopWhen(BooleanSupplier condition) {
        return new RunHooks(progress, metrics, condition);
    }
}
