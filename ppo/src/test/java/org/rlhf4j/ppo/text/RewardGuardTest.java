package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.rlhf4j.ppo.text.RewardGuard.Signs;

class RewardGuardTest {
    private static final GuardConfig ALL = new GuardConfig(10.0, 0.5, 1.5, 0.25, 0.1, 2);

    /** Far from every limit of {@link #ALL}. */
    private static final Signs WELL = new Signs(1, 2, 8, 0.1, 1);

    @Test
    void nothingIsSaidWhileAllIsWell() {
        RewardGuard guard = new RewardGuard(ALL);
        for (int i = 0; i < 5; i++) {
            assertThat(guard.look(WELL)).isEmpty();
            assertThat(guard.stops()).isFalse();
        }
    }

    private static void assertPasses(Signs signs, String... warnings) {
        RewardGuard guard = new RewardGuard(ALL);
        guard.look(WELL);
        assertThat(guard.look(signs)).containsExactly(warnings);
    }

    @Test
    void eachLimitHasASentence() {
        assertPasses(
                new Signs(12.5, 2, 8, 0.1, 1), "KL from the reference 12.50, above the limit of 10.00 nats a sequence");
        assertPasses(new Signs(1, 0.25, 8, 0.1, 1), "entropy 0.2500, below the limit of 0.5000 nats a token");
        assertPasses(new Signs(1, 2, 8, 0.5, 1), "share of repeated tokens 0.5000, above the limit of 0.2500");
        assertPasses(new Signs(1, 2, 8, 0.1, 0.01), "spread of the scores 0.01000, below the limit of 0.1000");
        assertPasses(
                new Signs(12.5, 0.25, 8, 0.1, 1),
                "KL from the reference 12.50, above the limit of 10.00 nats a sequence",
                "entropy 0.2500, below the limit of 0.5000 nats a token");
    }

    /** The first rollout had 8 tokens, so from 8 / 1.5 to 12 is allowed. */
    @Test
    void lengthIsHeldAgainstTheFirstRollout() {
        assertPasses(new Signs(1, 2, 12, 0.1, 1));
        assertPasses(new Signs(1, 2, 12.5, 0.1, 1), "mean length 12.50, above the limit of 12.00 tokens");
        assertPasses(new Signs(1, 2, 5.4, 0.1, 1));
        assertPasses(new Signs(1, 2, 5.25, 0.1, 1), "mean length 5.250, below the limit of 5.333 tokens");
        // Whatever its length, the first one has not drifted.
        assertThat(new RewardGuard(ALL).look(new Signs(1, 2, 500, 0.1, 1))).isEmpty();
    }

    @Test
    void aLimitItselfIsNotPassed() {
        assertPasses(new Signs(10, 0.5, 12, 0.25, 0.1));
    }

    @Test
    void itStopsAfterAsManyRolloutsInARowAsItsPatience() {
        Signs bad = new Signs(50, 2, 8, 0.1, 1);
        RewardGuard guard = new RewardGuard(ALL);
        guard.look(bad);
        assertThat(guard.stops()).isFalse();
        guard.look(WELL);
        guard.look(bad);
        assertThat(guard.stops()).as("two, but not in a row").isFalse();
        // Another limit counts on.
        guard.look(new Signs(1, 0.1, 8, 0.1, 1));
        assertThat(guard.stops()).isTrue();
    }

    @Test
    void withoutPatienceThereAreOnlyWarnings() {
        RewardGuard guard = new RewardGuard(new GuardConfig(10.0, null, null, null, null, 0));
        for (int i = 0; i < 20; i++) {
            assertThat(guard.look(new Signs(50, 2, 8, 0.1, 1))).hasSize(1);
            assertThat(guard.stops()).isFalse();
        }
        assertThat(new RewardGuard(GuardConfig.OFF).look(new Signs(1e9, 0, 1, 1, 0)))
                .isEmpty();
    }

    @Test
    void equalScoresAndACollapseAreWarnedOfByDefault() {
        RewardGuard guard = new RewardGuard(GuardConfig.DEFAULT);
        assertThat(guard.look(WELL)).isEmpty();
        assertThat(guard.look(new Signs(101, 0.001, 8, 1, 0))).hasSize(3);
    }

    @Test
    void repeatedStretchesAreCountedByHand() {
        // abc bca cab abc bca: the last two were there before.
        assertThat(RewardGuard.repetition(new int[] {1, 2, 3, 1, 2, 3, 1})).isEqualTo(2.0 / 5);
        assertThat(RewardGuard.repetition(new int[] {7, 7, 7, 7, 7})).isEqualTo(2.0 / 3);
        assertThat(RewardGuard.repetition(new int[] {1, 2, 3, 4, 5, 6})).isZero();
        assertThat(RewardGuard.repetition(new int[] {1, 1})).isZero();
        assertThat(RewardGuard.repetition(new int[] {1, 1, 1})).isZero();
        assertThat(RewardGuard.repetition(new int[0])).isZero();
    }

    private static void assertRefused(
            @Nullable Double kl,
            @Nullable Double entropy,
            @Nullable Double drift,
            @Nullable Double repetition,
            @Nullable Double spread,
            String message) {
        assertThatThrownBy(() -> new GuardConfig(kl, entropy, drift, repetition, spread, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void limitsWithoutMeaningAreRefused() {
        assertRefused(0.0, null, null, null, null, "maxKl is 0.0");
        assertRefused(null, -1.0, null, null, null, "minEntropy is -1.0");
        assertRefused(null, null, 1.0, null, null, "maxLengthDrift is 1.0, must be above 1");
        assertRefused(null, null, Double.NaN, null, null, "maxLengthDrift is NaN, must be above 1");
        assertRefused(null, null, null, 1.5, null, "maxRepetition is 1.5");
        assertRefused(null, null, null, null, -0.1, "minScoreSpread is -0.1");
        assertThatThrownBy(() -> new GuardConfig(null, null, null, null, null, -1))
                .hasMessageContaining("patience is -1");
    }
}
