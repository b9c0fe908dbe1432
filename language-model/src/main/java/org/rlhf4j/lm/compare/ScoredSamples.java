package org.rlhf4j.lm.compare;

import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.util.FastMath;

/**
 * What one policy wrote, judged: for each of P prompts the same number of samples.
 *
 * @param scores {@code [P][samples]}, higher is better
 * @param tokens how long each sample is, {@code [P][samples]}
 * @param finished whether it ended by itself and not at the length limit, {@code [P][samples]}
 */
@SuppressWarnings("ArrayRecordComponent") // a carrier between sampling and figures, compared by nobody
public record ScoredSamples(double[][] scores, int[][] tokens, boolean[][] finished) {
    /** Checks that all three have the same shape and every score is finite. */
    public ScoredSamples {
        if (scores.length == 0 || scores[0].length == 0) {
            throw new IllegalArgumentException("there are no samples to judge");
        }
        for (int prompt = 0; prompt < scores.length; prompt++) {
            int samples = scores[0].length;
            if (scores[prompt].length != samples
                    || tokens[prompt].length != samples
                    || finished[prompt].length != samples) {
                throw new IllegalArgumentException(
                        "prompt " + prompt + " has not " + samples + " samples of each kind");
            }
            for (double score : scores[prompt]) {
                if (!Double.isFinite(score)) {
                    throw new IllegalArgumentException("a sample of prompt " + prompt + " has the score " + score);
                }
            }
        }
    }

    /** Number of prompts, P. */
    public int prompts() {
        return scores.length;
    }

    /** Samples a prompt. */
    public int samples() {
        return scores[0].length;
    }

    /** Mean score, over prompts of their mean. */
    public Estimate meanScore() {
        return Estimate.mean(perPrompt(StatUtils::mean));
    }

    /** Standard deviation of the scores of all samples. */
    public double scoreDeviation() {
        return FastMath.sqrt(StatUtils.variance(
                Arrays.stream(scores).flatMapToDouble(Arrays::stream).toArray()));
    }

    /** Mean length in tokens. */
    public double meanTokens() {
        return Arrays.stream(tokens).flatMapToInt(Arrays::stream).average().orElseThrow();
    }

    /** Share of the samples that ended by themselves. */
    public double finishedShare() {
        int count = 0;
        for (boolean[] row : finished) {
            for (boolean end : row) {
                count += end ? 1 : 0;
            }
        }
        return (double) count / (prompts() * samples());
    }

    double[] perPrompt(ToDoubleFunction<double[]> figure) {
        return Arrays.stream(scores).mapToDouble(figure).toArray();
    }
}
