package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.rlhf4j.lm.generate.FinishReason;

/** Figures of a rollout of unequal lengths, by hand. */
class RolloutFiguresTest {
    private static final float[][] LOG_PROBS = {{-1, -2, -0.5f, -0.5f}, {-3}};
    private static final float[][] REFERENCE = {{-1.5f, -1, -0.5f, -1}, {-2}};

    /** Four tokens, of which the last ended it, and one that is cut off. */
    private static TextRollout rollout() {
        return Rollouts.of(
                new double[] {4, 1},
                new double[] {2, -1.5},
                List.of(
                        Rollouts.completion(new int[] {5, 5, 5, 5}, LOG_PROBS[0], FinishReason.EOS),
                        Rollouts.completion(new int[] {6}, new float[] {-3.001f}, FinishReason.LENGTH)),
                LOG_PROBS,
                REFERENCE,
                LOG_PROBS);
    }

    private static Offset<Double> near() {
        return within(1e-6);
    }

    @Test
    void meansAreOverCompletionsOrRealTokens() {
        RolloutFigures figures = RolloutFigures.of(rollout());
        // Log-ratios 0.5, -1, 0, 0.5 and -1: sums 0 and -1.
        assertThat(figures.kl()).isCloseTo(-0.5, near());
        // exp(-d) - 1 + d: 0.1065307 twice, e - 2 twice.
        assertThat(figures.kl3()).isCloseTo((2 * 0.1065307 + 2 * 0.7182818) / 2, near());
        assertThat(figures.score()).isEqualTo(2.5);
        assertThat(figures.scoreSpread()).isCloseTo(1.5, near());
        assertThat(figures.shaped()).isEqualTo(0.25);
        assertThat(figures.length()).isEqualTo(2.5);
        // 555 555 stands there twice; the other has no stretch.
        assertThat(figures.repetition()).isEqualTo(0.25);
        assertThat(figures.eos()).isEqualTo(1);
        assertThat(figures.finished()).isEqualTo(0.5);
        assertThat(figures.samplingDeviation()).isCloseTo(0.001, within(1e-6));
    }

    /**
     * TRL fills the log-probabilities of padding with the sentinel 1, so its {@code objective/entropy} has -1 for each pad
     * token: here it would be (4 + 3 - 3) / 2 = 2 instead of 3.5. Its means of entropy and ratio count padding too.
     */
    @Test
    void paddingIsNotPartOfTheEntropy() {
        RolloutFigures figures = RolloutFigures.of(rollout());
        assertThat(figures.entropy()).isCloseTo(3.5, near());
        assertThat(figures.tokenEntropy()).isCloseTo(7.0 / 5, near());
    }

    @Test
    void metricsHaveTrlsNames() {
        Map<String, Double> metrics = RolloutFigures.of(rollout()).metrics(0.05, -0.3);
        assertThat(metrics)
                .containsEntry("objective/kl_coef", 0.05)
                .containsEntry("objective/non_score_reward", -0.3)
                .containsEntry("objective/scores", 0.25)
                .containsEntry("objective/raw_scores", 2.5)
                .containsEntry("completions/mean_length", 2.5)
                .containsEntry("val/num_eos_tokens", 1.0);
        // The score that is learned from and the penalty, which is negative.
        assertThat(metrics.get("objective/rlhf_reward")).isCloseTo(-0.05, near());
        assertThat(metrics.get("objective/kl")).isCloseTo(-0.5, near());
        assertThat(metrics.get("objective/entropy")).isCloseTo(3.5, near());
    }

    @Test
    void theGuardSeesEntropyByToken() {
        RewardGuard.Signs signs = RolloutFigures.of(rollout()).signs();
        assertThat(signs.kl()).isCloseTo(-0.5, near());
        assertThat(signs.entropy()).isCloseTo(1.4, near());
        assertThat(signs.length()).isEqualTo(2.5);
        assertThat(signs.repetition()).isEqualTo(0.25);
        assertThat(signs.scoreSpread()).isCloseTo(1.5, near());
    }

    @Test
    void scoresOfDroppedRowsAreInNoMean() {
        float[][] rows = {{-1}, {-1}, {-1}};
        RolloutFigures figures = RolloutFigures.of(Rollouts.of(new double[] {1, Double.NaN, 3}, rows, rows, rows));
        assertThat(figures.score()).isEqualTo(2);
        assertThat(figures.shaped()).isEqualTo(2);
        assertThat(figures.scoreSpread()).isEqualTo(1);
        double[] none = {Double.NaN, Double.NaN, Double.NaN};
        assertThat(RolloutFigures.of(Rollouts.of(none, rows, rows, rows)).score())
                .isNaN();
    }

    @Test
    void aSampledNaNIsNotOverlooked() {
        float[][] rows = {{-1, Float.NaN}, {-1, -1}};
        assertThat(RolloutFigures.of(Rollouts.of(new double[] {1, 1}, rows, rows, rows))
                        .samplingDeviation())
                .isNaN();
    }
}
