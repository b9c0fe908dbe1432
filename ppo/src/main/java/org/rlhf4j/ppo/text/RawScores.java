package org.rlhf4j.ppo.text;

import java.util.Map;

/**
 * What the rewards gave to the n completions of a rollout, as it came.
 *
 * @param total the weighted sum of each row, {@code [n]}; of a failed row what the policy for failures makes of it, NaN
 *     where that is to drop it
 * @param bySource the scores of each source before weighting, {@code [sources][n]}; NaN where it failed
 * @param failed whether some source failed, {@code [n]}
 * @param failures how many scores are missing for each reason, every {@link FailureKind} being there
 */
@SuppressWarnings("ArrayRecordComponent") // Figures of a rollout, read and not compared.
public record RawScores(double[] total, double[][] bySource, boolean[] failed, Map<FailureKind, Integer> failures) {
    /** Copies the map. */
    public RawScores {
        failures = Map.copyOf(failures);
    }

    /** How many rows have no score of their own. */
    public int failedRows() {
        int rows = 0;
        for (boolean row : failed) {
            rows += row ? 1 : 0;
        }
        return rows;
    }
}
