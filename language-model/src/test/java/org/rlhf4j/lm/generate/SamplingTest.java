package org.rlhf4j.lm.generate;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SamplingTest {
    @Test
    void valuesOutOfRangeAreNamed() {
        refused(() -> Sampling.atTemperature(-0.1), "temperature is -0.1, must be 0 or at least 1.0E-6");
        refused(() -> Sampling.atTemperature(1e-9), "temperature is 1.0E-9");
        refused(() -> Sampling.atTemperature(Double.NaN), "temperature is NaN");
        refused(() -> new Sampling(1, -1, 1, 0, 1), "top-k is -1, must be 0 (off) or more");
        refused(() -> new Sampling(1, 0, 0, 0, 1), "top-p is 0.0, must be above 0 and at most 1 (off)");
        refused(() -> new Sampling(1, 0, 1.1, 0, 1), "top-p is 1.1");
        refused(() -> new Sampling(1, 0, 1, 2, 1), "min-p is 2.0, must be 0 (off) to 1");
        refused(() -> new Sampling(1, 0, 1, 0, 0), "repetition penalty is 0.0, must be above 0");
        GenerationConfig config = GenerationConfig.endingAt(Set.of());
        refused(() -> config.withMaxNewTokens(0), "the limit is 0 new tokens, must be at least 1");
        refused(() -> config.withBatchTokens(0), "a batch of 0 tokens is empty");
        refused(() -> config.withStopStrings(List.of("a", "")), "a stop string is empty");
    }

    private static void refused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
