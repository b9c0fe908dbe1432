package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import org.junit.jupiter.api.Test;
import org.rlhf4j.ppo.Experience;
import org.rlhf4j.ppo.Gae;
import org.rlhf4j.ppo.KlEstimator;
import org.rlhf4j.ppo.Rollout;
import org.rlhf4j.testing.Property;

class TextRolloutTest {
    private static final float[] LOG_PROBS = {-1, -2, -0.5f};
    private static final float[] REFERENCE = {-1.2f, -1.5f, -0.6f};
    private static final float[] VALUES = {0.1f, 0.3f, 0.5f};

    /** One completion of three tokens with the score 2, between a longer and a shorter one. */
    private static TextRollout three() {
        return Rollouts.of(
                new double[] {7, 2, -3},
                new float[][] {{-1, -1, -1, -1, -1}, LOG_PROBS, {-4}},
                new float[][] {{-1, -1, -1, -1, -1}, REFERENCE, {-3}},
                new float[][] {{9, 9, 9, 9, 9}, VALUES, {8}});
    }

    /** KL coefficient 0.05 with k1: rewards -0.01, 0.025 and -0.005 + 2; lambda 0.95. */
    @Test
    void theGoldenRowHasTrlsRewardsAndAdvantages() {
        float[][] rewards = three().rewards(0.05, KlEstimator.K1);
        assertClose(rewards[1], new double[] {-0.01, 0.025, 1.995}, 1e-6, 0);
        Experience experience = Gae.estimate(three().padded(rewards, 1.0), 0.95);
        assertClose(experience.advantages()[1], new double[] {1.7529875, 1.64525, 1.495, 0, 0}, 1e-6, 0);
        assertClose(experience.returns()[1], new double[] {1.8529875, 1.94525, 1.995, 0, 0}, 1e-6, 0);
    }

    /** TRL puts the score on the first slot of padding, where its value still counts. */
    @Test
    void theScoreStandsAtTheLastRealTokenOfEachCompletion() {
        float[][] rewards = three().rewards(0, KlEstimator.K1);
        assertThat(rewards).isDeepEqualTo(new float[][] {{0, 0, 0, 0, 7}, {0, 0, 2}, {-3}});
        Rollout padded = three().padded(rewards, 1.0);
        assertThat(padded.rewards()).isDeepEqualTo(new float[][] {{0, 0, 0, 0, 7}, {0, 0, 2, 0, 0}, {-3, 0, 0, 0, 0}});
    }

    @Test
    void thePenaltyIsThatOfTheEstimator() {
        assertClose(three().rewards(0.5, KlEstimator.K2)[1], new double[] {-0.01, -0.0625, 2 - 0.0025}, 1e-6, 0);
        assertClose(
                three().rewards(0.5, KlEstimator.K3)[1], new double[] {-0.009365, -0.074361, 2 - 0.002419}, 1e-6, 0);
        assertThat(three().kl(1, KlEstimator.K1)).isCloseTo(-0.2, within(1e-6));
        assertThat(three().kl(1, KlEstimator.K2)).isCloseTo(0.15, within(1e-6));
        assertThat(three().kl(1, KlEstimator.K3)).isCloseTo(0.172289, within(1e-6));
        assertThat(three().kl(2, KlEstimator.K1)).isEqualTo(-1);
        assertThat(three().kl(0, KlEstimator.K1)).isZero();
    }

    @Test
    void masksAndDiscountsComeFromLengths() {
        Rollout padded = three().padded(three().rewards(0, KlEstimator.K1), 0.9);
        assertThat(padded.mask()).isDeepEqualTo(new boolean[][] {
            {true, true, true, true, true}, {true, true, true, false, false}, {true, false, false, false, false}
        });
        float g = 0.9f;
        assertThat(padded.discounts()).isDeepEqualTo(new float[][] {{g, g, g, g, 0}, {g, g, 0, 0, 0}, {0, 0, 0, 0, 0}});
        assertThat(padded.values())
                .isDeepEqualTo(new float[][] {{9, 9, 9, 9, 9}, {0.1f, 0.3f, 0.5f, 0, 0}, {8, 0, 0, 0, 0}});
        assertThat(three().tokens()).isEqualTo(9);
    }

    @Test
    void aRowWithoutAScoreCountsNowhere() {
        TextRollout dropped = Rollouts.of(
                new double[] {2, Double.NaN},
                new float[][] {LOG_PROBS, {-1, -9}},
                new float[][] {REFERENCE, {-5, -1}},
                new float[][] {VALUES, {1, 1}});
        float[][] rewards = dropped.rewards(0.05, KlEstimator.K1);
        Rollout padded = dropped.padded(rewards, 1.0);
        assertThat(padded.mask()[1]).containsOnly(false);
        assertThat(dropped.counts(0)).isTrue();
        assertThat(dropped.counts(1)).isFalse();
        Experience experience = Gae.estimate(padded, 0.95);
        assertClose(experience.advantages()[0], new double[] {1.7529875, 1.64525, 1.495}, 1e-6, 0);
        assertThat(experience.advantages()[1]).containsOnly(0);
        // Nor does it move what the others are whitened by.
        TextRollout alone = Rollouts.of(
                new double[] {2}, new float[][] {LOG_PROBS}, new float[][] {REFERENCE}, new float[][] {VALUES});
        assertThat(dropped.whitened(rewards)[0]).containsExactly(alone.whitened(new float[][] {rewards[0]})[0]);
    }

    /**
     * Rewards 1, 2, 6 and 3 in two rows: mean 3, squares 4 + 1 + 9 + 0, variance over 3 14/3. TRL's
     * {@code masked_whiten(rewards, mask, shift_mean=False)} has rsqrt(var + 1e-8).
     */
    @Test
    void whitenedRewardsHaveDeviationOneAndTheirMean() {
        TextRollout rollout = Rollouts.of(
                new double[] {0, 0},
                new float[][] {{-1, -1, -1}, {-1}},
                new float[][] {{-1, -1, -1}, {-1}},
                new float[2][1]);
        float[][] whitened = rollout.whitened(new float[][] {{1, 2, 6}, {3}});
        double scale = 1 / Math.sqrt(14.0 / 3);
        assertClose(whitened[0], new double[] {3 - 2 * scale, 3 - scale, 3 + 3 * scale}, 1e-6, 0);
        assertClose(whitened[1], new double[] {3}, 1e-6, 0);
    }

    @Test
    void whiteningHoldsForAnyRewards() {
        Property.forAll(50, draws -> draws.floats(draws.between(2, 12), -4, 9), rewards -> {
            float[] some = new float[rewards.length];
            TextRollout rollout =
                    Rollouts.of(new double[] {0}, new float[][] {some}, new float[][] {some}, new float[][] {some});
            float[] whitened = rollout.whitened(new float[][] {rewards})[0];
            double mean = 0;
            double whitenedMean = 0;
            for (int i = 0; i < rewards.length; i++) {
                mean += rewards[i] / (double) rewards.length;
                whitenedMean += whitened[i] / (double) rewards.length;
            }
            assertThat(whitenedMean).isCloseTo(mean, within(1e-4));
            double squares = 0;
            double before = 0;
            for (int i = 0; i < rewards.length; i++) {
                squares += Math.pow(whitened[i] - mean, 2) / (rewards.length - 1);
                before += Math.pow(rewards[i] - mean, 2) / (rewards.length - 1);
            }
            // Equal rewards have no deviation and stay; the epsilon of 1e-8 is nothing beside the others'.
            assertThat(squares).isCloseTo(before < 1e-3 ? squares : 1, within(1e-3));
        });
    }

    @Test
    void equalRewardsAndASingleOneStayAsTheyAre() {
        float[] two = new float[2];
        TextRollout rollout =
                Rollouts.of(new double[] {0}, new float[][] {two}, new float[][] {two}, new float[][] {two});
        assertThat(rollout.whitened(new float[][] {{0.25f, 0.25f}})[0]).containsExactly(0.25f, 0.25f);
        float[] one = new float[1];
        TextRollout single =
                Rollouts.of(new double[] {0}, new float[][] {one}, new float[][] {one}, new float[][] {one});
        assertThat(single.whitened(new float[][] {{5}})[0]).containsExactly(5);
    }

    @Test
    void valuesThatAreNotFiniteAreRefusedBeforeLearning() {
        TextRollout broken = Rollouts.of(
                new double[] {1}, new float[][] {{-1, -1}}, new float[][] {{-1, -1}}, new float[][] {{0, Float.NaN}});
        assertThatThrownBy(() -> broken.padded(broken.rewards(0, KlEstimator.K1), 1.0))
                .hasMessage("values is NaN at row 0, step 1");
    }
}
