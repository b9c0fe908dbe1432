package org.rlhf4j.cli.train;

import java.nio.file.Path;
import java.util.Map;
import org.rlhf4j.core.train.TrainingResult;

/**
 * What a training command gave.
 *
 * @param saved where the result stands
 * @param steps how many were made
 * @param metrics the last figures
 * @param summary what it amounts to, put behind "after N steps"
 */
public record Outcome(Path saved, long steps, Map<String, Double> metrics, String summary) {
    /** The outcome of a training loop. */
    public static Outcome of(TrainingResult result, Path saved, String summary) {
        return new Outcome(saved, result.steps(), result.metrics(), summary);
    }
}
