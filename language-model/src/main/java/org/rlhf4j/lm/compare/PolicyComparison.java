package org.rlhf4j.lm.compare;

import java.util.Arrays;
import org.apache.commons.math3.stat.StatUtils;

/**
 * Policy b against policy a on the same prompts.
 *
 * @param a what a wrote
 * @param b what b wrote
 * @param winRate how often a sample of b scores higher than one of a, over all pairs of samples of a prompt; equal scores
 *     count one half
 * @param gain mean score of b less that of a, paired by prompt
 * @param kl estimate of {@code KL(b || a)} in nats a sequence: the mean of {@code log b(y|x) - log a(y|x)} over b's samples;
 *     single samples may be negative
 */
public record PolicyComparison(ScoredSamples a, ScoredSamples b, Estimate winRate, Estimate gain, Estimate kl) {
    /**
     * Compares.
     *
     * @param a what a wrote
     * @param b what b wrote, for the same prompts
     * @param logRatios {@code log b(y|x) - log a(y|x)} of b's samples, {@code [P][samples]}, nats
     * @throws IllegalArgumentException if the prompts differ in number
     */
    public static PolicyComparison of(ScoredSamples a, ScoredSamples b, double[][] logRatios) {
        int prompts = a.prompts();
        if (b.prompts() != prompts || logRatios.length != prompts) {
            throw new IllegalArgumentException(
                    "a has " + prompts + " prompts, b " + b.prompts() + ", their ratios " + logRatios.length);
        }
        double[] wins = new double[prompts];
        double[] gains = new double[prompts];
        for (int prompt = 0; prompt < prompts; prompt++) {
            wins[prompt] = wins(a.scores()[prompt], b.scores()[prompt]);
            gains[prompt] = StatUtils.mean(b.scores()[prompt]) - StatUtils.mean(a.scores()[prompt]);
        }
        double[] divergences =
                Arrays.stream(logRatios).mapToDouble(StatUtils::mean).toArray();
        return new PolicyComparison(a, b, Estimate.share(wins), Estimate.mean(gains), Estimate.mean(divergences));
    }

    /** The normalised statistic of Mann and Whitney. */
    private static double wins(double[] a, double[] b) {
        double sum = 0;
        for (double ofB : b) {
            for (double ofA : a) {
                sum += ofB > ofA ? 1 : ofB == ofA ? 0.5 : 0;
            }
        }
        return sum / (a.length * b.length);
    }
}
