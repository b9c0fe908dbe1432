package org.rlhf4j.reward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.rlhf4j.core.tensor.HostCopy;

/**
 * The Plackett-Luce negative log-likelihood of whole rankings: the best completion is picked first among all, the next
 * among the rest, and so on (Plackett 1975; Luce 1959; for reward models, equation 20 of Rafailov et al. 2023,
 * arXiv:2305.18290):
 *
 * <pre>
 *   L = Σᵢ ( log Σ_{j = i or rankⱼ &gt; rankᵢ} exp(sⱼ) − sᵢ )
 * </pre>
 *
 * <p>For two completions this is the Bradley-Terry loss. Completions of equal rank are not compared with each other: each
 * is weighed against itself and what ranks strictly below it. To train on ties, convert to pairs and keep them.
 */
public final class PlackettLuce {
    /** Excludes an entry from a log-sum-exp; finite, so that a row without entries cannot make NaN. */
    private static final double EXCLUDED = -1e9;

    private PlackettLuce() {}

    /**
     * The negative log-likelihood of each ranking.
     *
     * @param scores the scores of all completions of all rankings, one ranking after another, {@code [N]}
     * @param ranks one array a ranking, its completions' ranks in the same order (1 is best); lengths add up to N
     * @return {@code [B]} losses in nats, one a ranking, differentiable in the scores
     * @throws IllegalArgumentException if the lengths do not add up, or a ranking is empty
     */
    public static NDArray perRanking(NDArray scores, List<int[]> ranks) {
        int total = 0;
        int longest = 0;
        for (int[] ranking : ranks) {
            if (ranking.length == 0) {
                throw new IllegalArgumentException("a ranking needs at least 1 completion");
            }
            total += ranking.length;
            longest = Math.max(longest, ranking.length);
        }
        Vectors.requireLength("ranks", total, scores);

        int rows = ranks.size();
        long[] source = new long[rows * longest];
        double[] real = new double[rows * longest];
        double[] excluded = new double[rows * longest * longest];
        int next = 0;
        for (int row = 0; row < rows; row++) {
            int[] ranking = ranks.get(row);
            for (int i = 0; i < longest; i++) {
                int cell = row * longest + i;
                boolean present = i < ranking.length;
                source[cell] = present ? next + i : 0;
                real[cell] = present ? 1 : 0;
                for (int j = 0; j < longest; j++) {
                    boolean weighed = i == j || (present && j < ranking.length && ranking[j] > ranking[i]);
                    excluded[cell * longest + j] = weighed ? 0 : EXCLUDED;
                }
            }
            next += ranking.length;
        }
        NDManager manager = scores.getManager();
        NDArray table = scores.get(HostCopy.create(manager, source)).reshape(rows, longest);
        NDArray rivals =
                table.expandDims(1).add(Vectors.like(scores, excluded).reshape(new Shape(rows, longest, longest)));
        // log Σ exp(s) − sᵢ as log Σ exp(s − max), the maximum held constant: it cancels in value and gradient.
        NDArray largest = rivals.max(new int[] {2}, true).stopGradient();
        NDArray logSum = rivals.sub(largest).exp().sum(new int[] {2}).log().add(largest.squeeze(2));
        return logSum.sub(table)
                .mul(Vectors.like(scores, real).reshape(rows, longest))
                .sum(new int[] {1});
    }
}
