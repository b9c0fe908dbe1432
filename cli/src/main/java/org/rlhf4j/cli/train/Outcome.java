package org.rlhf4j.cli.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.train.TrainingResult;

/**
 * What a training command gave.
 *
 * @param saved where the result stands; null when the run was interrupted
 * @param steps how many were made
 * @param metrics the last figures
 * @param summary what it amounts to, put behind "after N steps"
 */
public record Outcome(@Nullable Path saved, long steps, Map<String, Double> metrics, String summary) {
    /** The outcome of a run that was interrupted and can go on. */
    public static Outcome interrupted(long steps, Map<String, Double> metrics) {
        return new Outcome(null, steps, metrics, "");
    }

    /** Whether the run was interrupted. */
    public boolean interrupted() {
        return saved == null;
    }

    /** Saves what a training loop gave, unless it was interrupted. */
    public static Outcome of(TrainingResult result, Path saved, Saving saving) throws IOException {
        return result.interrupted()
                ? interrupted(result.steps(), result.metrics())
                : new Outcome(saved, result.steps(), result.metrics(), saving.save());
    }

    /** Saves a result and says what it amounts to. */
    @FunctionalInterface
    public interface Saving {
        /** Does it. */
        String save() throws IOException;
    }
}
