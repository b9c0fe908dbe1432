package org.rlhf4j.lm.compare;

import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.util.FastMath;

/**
 * A mean over independent prompts with its 95 % interval.
 *
 * @param value the mean
 * @param low lower end of the interval
 * @param high upper end
 */
public record Estimate(double value, double low, double high) {
    private static final double CONFIDENCE = 0.95;

    /**
     * The mean of one figure a prompt, with Student's interval: prompts are independent, samples of one prompt are not,
     * so what is averaged over samples first is one figure.
     *
     * @param perPrompt one figure a prompt, at least one; the interval of a single one is unbounded
     */
    static Estimate mean(double[] perPrompt) {
        double mean = StatUtils.mean(perPrompt);
        int n = perPrompt.length;
        if (n == 1) {
            return new Estimate(mean, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
        }
        double half = new TDistribution(n - 1.0).inverseCumulativeProbability(0.5 + CONFIDENCE / 2)
                * FastMath.sqrt(StatUtils.variance(perPrompt, mean) / n);
        return new Estimate(mean, mean - half, mean + half);
    }

    /**
     * The mean of one share a prompt, with Wilson's interval (Wilson 1927) as if each prompt were one trial. It stays
     * within 0 and 1, has a width where all shares are 1, and is wider than need be where shares are means themselves.
     *
     * @param perPrompt one share in [0, 1] a prompt, at least one
     */
    static Estimate share(double[] perPrompt) {
        double share = StatUtils.mean(perPrompt);
        int n = perPrompt.length;
        double z = 1.959963984540054;
        double square = z * z / n;
        double centre = (share + square / 2) / (1 + square);
        double half = z * FastMath.sqrt(share * (1 - share) / n + square / (4 * n)) / (1 + square);
        return new Estimate(share, Math.max(0, centre - half), Math.min(1, centre + half));
    }
}
