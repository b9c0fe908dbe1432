package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.ppo.KlEstimator;
import org.rlhf4j.ppo.PpoConfig;

class PpoTextConfigTest {
    private static final PpoTextConfig START = PpoTextConfig.DEFAULT;

    private static PpoTextConfig config(
            int rolloutSize, double epochs, @Nullable Long totalEpisodes, double temperature, KlConfig kl) {
        return config(rolloutSize, epochs, totalEpisodes, temperature, kl, START.ppo());
    }

    private static PpoTextConfig config(
            int rolloutSize,
            double epochs,
            @Nullable Long totalEpisodes,
            double temperature,
            KlConfig kl,
            PpoConfig ppo) {
        return new PpoTextConfig(
                1,
                rolloutSize,
                epochs,
                totalEpisodes,
                53,
                temperature,
                kl,
                START.score(),
                false,
                START.critic(),
                START.guard(),
                0,
                0,
                1,
                ppo);
    }

    @Test
    void theLastRolloutIsMadeWhole() {
        assertThat(config(64, 1, null, 1, START.kl()).rollouts(640)).isEqualTo(10);
        assertThat(config(64, 1, null, 1, START.kl()).rollouts(641)).isEqualTo(11);
        assertThat(config(64, 0.5, null, 1, START.kl()).rollouts(640)).isEqualTo(5);
        assertThat(config(64, 0.001, null, 1, START.kl()).rollouts(3)).isEqualTo(1);
        // Completions of the whole run count before passes.
        assertThat(config(64, 9, 65L, 1, START.kl()).rollouts(640)).isEqualTo(2);
    }

    @Test
    void settingsWithoutMeaningAreRefused() {
        assertThatThrownBy(() -> config(0, 1, null, 1, START.kl())).hasMessageContaining("rolloutSize is 0");
        assertThatThrownBy(() -> config(1, 0, null, 1, START.kl())).hasMessageContaining("epochs is 0.0");
        assertThatThrownBy(() -> config(1, Double.NaN, null, 1, START.kl())).hasMessageContaining("epochs is NaN");
        assertThatThrownBy(() -> config(1, 1, 0L, 1, START.kl())).hasMessageContaining("totalEpisodes is 0");
        assertThatThrownBy(() -> config(1, 1, null, 0, START.kl())).hasMessageContaining("temperature is 0.0");
        assertThatThrownBy(() -> new CriticConfig(CriticConfig.Start.POLICY, 0.0, 0))
                .hasMessageContaining("learningRate is 0.0");
        assertThatThrownBy(() -> new CriticConfig(CriticConfig.Start.POLICY, null, -1))
                .hasMessageContaining("warmup is -1");
    }

    /** An error of -20 % over five horizons would multiply the coefficient by 0. */
    @Test
    void oneRolloutCannotTurnThePenaltyAround() {
        KlConfig steered = new KlConfig(KlConfig.Placement.REWARD, KlEstimator.K1, 0.1, 6.0, 10);
        assertThat(config(49, 1, null, 1, steered).rolloutSize()).isEqualTo(49);
        assertThatThrownBy(() -> config(50, 1, null, 1, steered)).hasMessageContaining("kl.horizon is 10");
        assertThat(config(50, 1, null, 1, steered.withTarget(null)).rolloutSize())
                .isEqualTo(50);
    }

    @Test
    void thereAreAtLeastAsManyCompletionsAsMiniBatches() {
        PpoConfig cut = new PpoConfig(
                1,
                0.95,
                4,
                5,
                16,
                false,
                PpoConfig.AdvantageNormalization.BATCH,
                0.2,
                false,
                0.2,
                0.1,
                0,
                null,
                OptimizerConfig.defaults(1e-5));
        assertThat(config(5, 1, null, 1, START.kl(), cut).ppo()).isEqualTo(cut);
        assertThatThrownBy(() -> config(4, 1, null, 1, START.kl(), cut))
                .hasMessage("ppo.numMinibatches is 5, must be at most rolloutSize, 4");
    }
}
