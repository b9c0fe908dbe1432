package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.ppo.KlEstimator;

class KlControllerTest {
    private static KlConfig config(double coef, @Nullable Double target, long horizon) {
        return new KlConfig(KlConfig.Placement.REWARD, KlEstimator.K1, coef, target, horizon);
    }

    /** Of trlx, OpenRLHF and verl: 512 completions, horizon 10000. The error is clipped at 20 %. */
    @ParameterizedTest
    @CsvSource({"12, 0.151536", "6, 0.15", "3, 0.148464", "6.6, 0.150768", "1000, 0.151536", "-5, 0.148464"})
    void itFollowsZiegler(double kl, double expected) {
        KlController controller = new KlController(config(0.15, 6.0, 10_000));
        controller.observe(kl, 512);
        assertThat(controller.coef()).isCloseTo(expected, within(1e-12));
    }

    @Test
    void changesMultiply() {
        KlController controller = new KlController(config(0.15, 6.0, 10_000));
        controller.observe(12, 512);
        controller.observe(12, 512);
        assertThat(controller.coef()).isCloseTo(0.15 * 1.01024 * 1.01024, within(1e-12));
    }

    @Test
    void withoutATargetItStays() {
        KlController controller = new KlController(config(0.05, null, 10));
        controller.observe(1000, 512);
        controller.observe(0, 512);
        assertThat(controller.coef()).isEqualTo(0.05);
    }

    @Test
    void settingsWithoutMeaningAreRefused() {
        assertThatThrownBy(() -> config(-0.1, null, 10)).hasMessageContaining("coef is -0.1");
        assertThatThrownBy(() -> config(0.1, 0.0, 10)).hasMessageContaining("target is 0.0");
        assertThatThrownBy(() -> config(0.1, Double.NaN, 10)).hasMessageContaining("target is NaN");
        assertThatThrownBy(() -> config(0.1, 6.0, 0)).hasMessageContaining("horizon is 0");
        assertThatThrownBy(() -> config(0, 6.0, 10))
                .hasMessage("coef is 0.0, must be above 0 to be steered to a target: it is multiplied");
        assertThat(config(0, null, 10).coef()).isZero();
    }

    @Test
    void oneSettingAtATimeCanBeChanged() {
        KlConfig start = config(0.15, 6.0, 100);
        assertThat(start.withCoef(0.2)).isEqualTo(config(0.2, 6.0, 100));
        assertThat(start.withTarget(null)).isEqualTo(config(0.15, null, 100));
    }
}
