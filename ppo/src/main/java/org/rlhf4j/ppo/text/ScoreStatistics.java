package org.rlhf4j.ppo.text;

import org.rlhf4j.core.config.Require;

/**
 * Mean and deviation of the scores so far; all there is to save of {@link Rewards}.
 *
 * <p>Scores are added one at a time by Welford, "Note on a Method for Calculating Corrected Sums of Squares and
 * Products", 1962, which is exact where all are equal: their deviation is 0, not almost 0.
 *
 * @param count how many
 * @param mean of them; 0 when there are none
 * @param squares sum of squared deviations from the mean
 */
public record ScoreStatistics(long count, double mean, double squares) {
    /** Of no score. */
    public static final ScoreStatistics NONE = new ScoreStatistics(0, 0, 0);

    /** Checks the ranges. */
    public ScoreStatistics {
        Require.atLeast("count", count, 0);
        Require.that(Double.isFinite(mean), "mean", mean, "must be finite");
        Require.notNegative("squares", squares);
    }

    /** With one more score. */
    public ScoreStatistics with(double score) {
        double before = score - mean;
        double newMean = mean + before / (count + 1);
        return new ScoreStatistics(count + 1, newMean, squares + before * (score - newMean));
    }

    /** The standard deviation with Bessel's correction; 0 of fewer than two scores. */
    public double deviation() {
        return count < 2 ? 0 : Math.sqrt(squares / (count - 1));
    }

    /** One of the scores less the mean, in deviations; where all are equal, 0. */
    double normalized(double score) {
        double deviation = deviation();
        return deviation > 0 ? (score - mean) / deviation : score - mean;
    }
}
