package org.rlhf4j.ppo.text;

import java.util.Arrays;
import java.util.List;
import org.rlhf4j.base.Content;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.ppo.KlEstimator;
import org.rlhf4j.ppo.Rollout;

/**
 * Completions of one policy with everything that is known of them, each array one row a completion and one value for each
 * of its real tokens; there is no padding.
 *
 * @param prompts what was asked, {@code [B]}
 * @param completions what was written, {@code [B]}
 * @param scored what it is worth
 * @param logProbs of the tokens under the policy, by the forward pass that learning uses too, nats
 * @param referenceLogProbs the same under the reference
 * @param values the critic's estimates before each token
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier between acting and learning, compared by nobody
record TextRollout(
        List<Content> prompts,
        List<GeneratedCompletion> completions,
        Scored scored,
        float[][] logProbs,
        float[][] referenceLogProbs,
        float[][] values) {

    /** How many completions, B. */
    int rows() {
        return completions.size();
    }

    /** Prompts with completions, as the models read them. */
    List<EncodedExample> examples() {
        return completions.stream().map(GeneratedCompletion::example).toList();
    }

    /** Whether a completion has a reward to learn from. */
    boolean counts(int row) {
        return !Double.isNaN(scored.shaped()[row]);
    }

    /** Tokens of all completions. */
    long tokens() {
        return Arrays.stream(logProbs).mapToLong(row -> row.length).sum();
    }

    /** Whether a completion ended by itself and not at the limit. */
    boolean finished(int row) {
        return completions.get(row).finish().byItself();
    }

    /** Estimate of KL(policy || reference) of a completion: the sum over its tokens, nats. */
    double kl(int row, KlEstimator estimator) {
        double sum = 0;
        for (int t = 0; t < logProbs[row].length; t++) {
            sum += estimator.value((double) logProbs[row][t] - referenceLogProbs[row][t]);
        }
        return sum;
    }

    /**
     * The rewards of the tokens: {@code -klCoef kl[t]}, and at the last real token the score besides.
     *
     * @param klCoef 0 where the penalty is in the loss
     * @return {@code [B]} rows of as many values as there are tokens
     */
    float[][] rewards(double klCoef, KlEstimator estimator) {
        float[][] rewards = new float[rows()][];
        for (int row = 0; row < rewards.length; row++) {
            float[] tokens = new float[logProbs[row].length];
            for (int t = 0; t < tokens.length; t++) {
                double kl = klCoef == 0 ? 0 : estimator.value((double) logProbs[row][t] - referenceLogProbs[row][t]);
                tokens[t] = (float) (-klCoef * kl);
            }
            if (counts(row)) {
                tokens[tokens.length - 1] += (float) scored.shaped()[row];
            }
            rewards[row] = tokens;
        }
        return rewards;
    }

    /**
     * As the core wants it: padded on the right, the mask from lengths. A row without a score counts nowhere.
     *
     * @param rewards of the tokens
     * @param gamma discount
     */
    Rollout padded(float[][] rewards, double gamma) {
        int width = Arrays.stream(logProbs).mapToInt(row -> row.length).max().orElseThrow();
        boolean[][] mask = new boolean[rows()][width];
        float[][] discounts = new float[rows()][width];
        for (int row = 0; row < mask.length; row++) {
            int length = logProbs[row].length;
            Arrays.fill(mask[row], 0, length, counts(row));
            Arrays.fill(discounts[row], 0, length - 1, (float) gamma);
        }
        return new Rollout(widened(logProbs, width), widened(values, width), widened(rewards, width), discounts, mask);
    }

    /** Rows filled up with 0 to one width. */
    static float[][] widened(float[][] rows, int width) {
        return Arrays.stream(rows).map(row -> Arrays.copyOf(row, width)).toArray(float[][]::new);
    }

    /**
     * Brings rewards to deviation 1 over all real tokens of rows that count and keeps their mean:
     * {@code (r - mean) / sqrt(var + 1e-8) + mean}, the variance over n - 1, as TRL's {@code whiten_rewards}.
     */
    float[][] whitened(float[][] rewards) {
        double sum = 0;
        long count = 0;
        for (int row = 0; row < rewards.length; row++) {
            for (int t = 0; counts(row) && t < rewards[row].length; t++) {
                sum += rewards[row][t];
                count++;
            }
        }
        double mean = sum / count;
        double squares = 0;
        for (int row = 0; row < rewards.length; row++) {
            for (int t = 0; counts(row) && t < rewards[row].length; t++) {
                squares += (rewards[row][t] - mean) * (rewards[row][t] - mean);
            }
        }
        double scale = count < 2 ? 1 : 1 / Math.sqrt(squares / (count - 1) + 1e-8);
        float[][] whitened = new float[rewards.length][];
        for (int row = 0; row < rewards.length; row++) {
            whitened[row] = new float[rewards[row].length];
            for (int t = 0; t < rewards[row].length; t++) {
                whitened[row][t] = (float) ((rewards[row][t] - mean) * scale + mean);
            }
        }
        return whitened;
    }
}
