package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.train.OptimizerConfig;

class PpoConfigTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gamma|1.5|gamma is 1.5, must be between 0.0 and 1.0",
                "gaeLambda|-1|gaeLambda is -1.0, must be between 0.0 and 1.0",
                "updateEpochs|0|updateEpochs is 0, must be at least 1",
                "numMinibatches|0|numMinibatches is 0, must be at least 1",
                "microBatchSize|-1|microBatchSize is -1, must be at least 0",
                "clipRange|0|clipRange is 0.0, must be positive",
                "valueClipRange|0|valueClipRange is 0.0, must be positive",
                "valueCoef|-0.5|valueCoef is -0.5, must be 0 or more",
                "entropyCoef|NaN|entropyCoef is NaN, must be 0 or more",
                "targetKl|-1|targetKl is -1.0, must be positive"
            })
    void settingsOutOfRangeAreRefusedByName(String name, double value, String message) {
        assertThatThrownBy(() -> with(name, value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void settingsReadAsTheyAreWritten(@TempDir Path folder) throws IOException {
        PpoConfig config = with("targetKl", 0.02);
        String yaml = ConfigReader.toYaml(config);
        assertThat(yaml).contains("targetKl: 0.02").contains("advantageNormalization: minibatch");
        Path file = Files.writeString(folder.resolve("ppo.yaml"), yaml);
        assertThat(ConfigReader.of(PpoConfig.class).file(file).read()).isEqualTo(config);
    }

    @Test
    void theLossHasTheAnnealedClipRangeAndTheValuesOwn() {
        PpoConfig config = with("valueClipRange", 0.3);
        assertThat(config.loss(0.5, null)).isEqualTo(new PpoLoss(0.1, 0.3, 0.5, 0.01));
    }

    private static PpoConfig with(String name, double value) {
        return new PpoConfig(
                pick(name, "gamma", value, 0.99),
                pick(name, "gaeLambda", value, 0.95),
                (int) pick(name, "updateEpochs", value, 4),
                (int) pick(name, "numMinibatches", value, 4),
                (int) pick(name, "microBatchSize", value, 0),
                false,
                PpoConfig.AdvantageNormalization.MINIBATCH,
                pick(name, "clipRange", value, 0.2),
                false,
                orNull(name, "valueClipRange", value),
                pick(name, "valueCoef", value, 0.5),
                pick(name, "entropyCoef", value, 0.01),
                orNull(name, "targetKl", value),
                OptimizerConfig.defaults(3e-4));
    }

    private static double pick(String name, String own, double value, double otherwise) {
        return name.equals(own) ? value : otherwise;
    }

    private static @Nullable Double orNull(String name, String own, double value) {
        return name.equals(own) ? value : null;
    }
}
