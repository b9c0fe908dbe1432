package org.rlhf4j.lm.compare;

/**
 * The baseline that trains nothing: of n samples of a policy, the one that a selector likes best.
 *
 * @param n samples to choose from
 * @param score mean score of the chosen ones
 * @param klBound upper bound of their divergence from the policy, {@code ln n - (n - 1) / n} nats a sequence (Beirami et
 *     al. 2024, arXiv:2401.01879, theorem 1)
 */
public record BestOfN(int n, Estimate score, double klBound) {
    /**
     * Chooses.
     *
     * @param samples of the policy, n a prompt
     * @param selector what the choice goes by, {@code [P][n]}; may be the scores themselves. The first of equals wins
     */
    public static BestOfN of(ScoredSamples samples, double[][] selector) {
        int n = samples.samples();
        double[] chosen = new double[samples.prompts()];
        for (int prompt = 0; prompt < chosen.length; prompt++) {
            double[] liked = selector[prompt];
            if (liked.length != n) {
                throw new IllegalArgumentException(
                        "the selector has " + liked.length + " values for " + n + " samples of prompt " + prompt);
            }
            int best = 0;
            for (int i = 1; i < n; i++) {
                best = liked[i] > liked[best] ? i : best;
            }
            chosen[prompt] = samples.scores()[prompt][best];
        }
        return new BestOfN(n, Estimate.mean(chosen), Math.log(n) - (n - 1.0) / n);
    }
}
