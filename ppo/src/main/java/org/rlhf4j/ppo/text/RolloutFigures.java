package org.rlhf4j.ppo.text;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.rlhf4j.lm.generate.FinishReason;
import org.rlhf4j.ppo.KlEstimator;

/**
 * Means over the completions of a rollout, by its real tokens alone.
 *
 * @param kl mean of the sum of {@code log pi - log pi_ref}, nats a sequence
 * @param kl3 mean of the sum of the third estimates, never negative
 * @param entropy mean of the sum of {@code -log pi}, nats a sequence
 * @param tokenEntropy the same by token
 * @param score mean weighted sum of the rewards as they are
 * @param scoreSpread standard deviation of these
 * @param shaped mean score that is learned from: normalised, clipped, less the penalty for a missing end
 * @param length mean length in tokens
 * @param repetition mean share of repeated stretches of three tokens
 * @param eos completions that ended by an EOS token
 * @param finished share that ended by itself, by EOS or a stop string
 * @param samplingDeviation the largest difference between a token's log-probability when it was drawn and by the forward
 *     pass, nats: rounding, or the two do not compute the same policy
 */
record RolloutFigures(
        double kl,
        double kl3,
        double entropy,
        double tokenEntropy,
        double score,
        double scoreSpread,
        double shaped,
        double length,
        double repetition,
        int eos,
        double finished,
        double samplingDeviation) {

    static RolloutFigures of(TextRollout rollout) {
        int rows = rollout.rows();
        double[] raw = rollout.scored().raw().total();
        double[] shaped = rollout.scored().shaped();
        double entropy = mean(rows, row -> -sum(rollout.logProbs()[row]));
        double length = (double) rollout.tokens() / rows;
        return new RolloutFigures(
                mean(rows, row -> rollout.kl(row, KlEstimator.K1)),
                mean(rows, row -> rollout.kl(row, KlEstimator.K3)),
                entropy,
                entropy / length,
                meanOf(raw),
                deviation(raw),
                meanOf(shaped),
                length,
                mean(
                        rows,
                        row -> RewardGuard.repetition(
                                rollout.completions().get(row).ids())),
                (int) rollout.completions().stream()
                        .filter(completion -> completion.finish() == FinishReason.EOS)
                        .count(),
                mean(rows, row -> rollout.finished(row) ? 1 : 0),
                samplingDeviation(rollout));
    }

    /** What the guard looks at. */
    RewardGuard.Signs signs() {
        return new RewardGuard.Signs(kl, tokenEntropy, length, repetition, scoreSpread);
    }

    /** Under TRL's names where it has them, with the reward that is learned from. */
    Map<String, Double> metrics(double klCoef, double nonScoreReward) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("objective/kl", kl);
        values.put("objective/kl3", kl3);
        values.put("objective/kl_coef", klCoef);
        values.put("objective/entropy", entropy);
        values.put("objective/non_score_reward", nonScoreReward);
        values.put("objective/rlhf_reward", shaped + nonScoreReward);
        values.put("objective/scores", shaped);
        values.put("objective/raw_scores", score);
        values.put("objective/scores_std", scoreSpread);
        values.put("completions/mean_length", length);
        values.put("completions/finished", finished);
        values.put("completions/repetition", repetition);
        values.put("val/num_eos_tokens", (double) eos);
        values.put("val/sampling_deviation", samplingDeviation);
        return values;
    }

    private static double samplingDeviation(TextRollout rollout) {
        double largest = 0;
        for (int row = 0; row < rollout.rows(); row++) {
            float[] drawn = rollout.completions().get(row).logProbs();
            float[] forward = rollout.logProbs()[row];
            for (int t = 0; t < drawn.length; t++) {
                largest = Math.max(largest, Math.abs(drawn[t] - forward[t]));
            }
        }
        return largest;
    }

    private static double sum(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum;
    }

    private static double mean(int rows, IntToDoubleFunction figure) {
        return IntStream.range(0, rows).mapToDouble(figure).average().orElseThrow();
    }

    /** Mean of the numbers; rows that were dropped have none. */
    private static double meanOf(double[] values) {
        return IntStream.range(0, values.length)
                .mapToDouble(row -> values[row])
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN);
    }

    private static double deviation(double[] values) {
        double mean = meanOf(values);
        return Math.sqrt(IntStream.range(0, values.length)
                .mapToDouble(row -> (values[row] - mean) * (values[row] - mean))
                .filter(value -> !Double.isNaN(value))
                .average()
                .orElse(Double.NaN));
    }
}
