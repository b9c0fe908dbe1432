package org.rlhf4j.core.train;

import java.io.Flushable;
import java.util.Optional;
import java.util.function.Consumer;

/** Receives the metrics of a run for a file that may not take them for a while. */
public interface MetricsSink extends Consumer<Progress.StepMetrics>, Flushable {
    /** Why figures are held back since the last time that this was asked, in one sentence; empty where there is nothing new. */
    Optional<String> newTrouble();
}
