package org.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.core.config.ConfigException;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.optim.Schedule;

final class TrainingConfigTest {
    private static TrainingConfig with(String... overrides) {
        return ConfigReader.of(TrainingConfig.defaults(1e-4))
                .overrides(List.of(overrides))
                .read();
    }

    @ParameterizedTest
    @CsvSource({
        // 10 rows in batches of 4: 3 steps an epoch, the last one with 2 rows.
        "1, 10, 3",
        "2, 10, 6",
        // Half an epoch is 1.5 steps, rounded up.
        "0.5, 10, 2",
        "0.001, 10, 1",
        "3, 1, 3",
        "1, 8, 2",
    })
    void stepsFollowFromEpochsAndRows(double epochs, int rows, long steps) {
        assertThat(with("epochs=" + epochs, "batchSize=4", "microBatchSize=2").totalSteps(rows))
                .isEqualTo(steps);
    }

    @Test
    void maxStepsOverridesEpochs() {
        assertThat(with("maxSteps=1000").totalSteps(10)).isEqualTo(1000);
    }

    @Test
    void warmUpIsGivenInStepsOrAsAShare() {
        // 3 % of 101 steps is 3.03, rounded up to 4.
        assertThat(with("optimizer.warmupRatio=0.03").optimizer().scheduleFor(101))
                .isEqualTo(new Schedule.Linear(4, 101));
        assertThat(with("optimizer.warmupSteps=7", "optimizer.schedule=cosine")
                        .optimizer()
                        .scheduleFor(101))
                .isEqualTo(new Schedule.Cosine(7, 101));
        assertThat(with("optimizer.schedule=constant").optimizer().scheduleFor(5))
                .isEqualTo(new Schedule.Constant(0));
    }

    @Test
    void aNormOfZeroNeverClips() {
        assertThat(with("optimizer.maxGradNorm=0").optimizer().clipNorm()).isInfinite();
        assertThat(with().optimizer().clipNorm()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "epochs=0",
        "maxSteps=0",
        "batchSize=0",
        "microBatchSize=5",
        "microBatchSize=16",
        "loggingSteps=0",
        "evalSteps=-1",
        "optimizer.learningRate=0",
        "optimizer.learningRate=-1",
        "optimizer.warmupSteps=-1",
        "optimizer.warmupRatio=1.1",
        "optimizer.weightDecay=-0.1",
        "optimizer.maxGradNorm=-1",
        "optimizer.beta1=1",
        "optimizer.beta2=-0.1",
        "optimizer.epsilon=0",
    })
    void valuesOutOfRangeAreRefusedWithKeyAndValue(String override) {
        String key = override.substring(0, override.indexOf('='));
        assertThatThrownBy(() -> with(override))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("--set " + override + ": " + key + " is ");
    }

    @Test
    void warmUpInStepsAndAsAShareTogetherIsRefused() {
        assertThatThrownBy(() -> with("optimizer.warmupSteps=5", "optimizer.warmupRatio=0.1"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("give it or warmupSteps, not both");
    }

    @Test
    void metricsOfDifferentKindsAndSizesAddUp() {
        MetricSums sums = new MetricSums();
        sums.mean("loss", 6, 3);
        sums.min("low", 2);
        sums.max("high", -5);
        sums.mean("empty", 0, 0);
        MetricSums more = new MetricSums();
        more.mean("loss", 4, 1);
        more.min("low", 3);
        more.max("high", -7);
        sums.add(more);
        // (6 + 4) / (3 + 1), not the mean of 2 and 4; a mean over nothing is left out.
        assertThat(sums.values()).containsExactlyInAnyOrderEntriesOf(Map.of("loss", 2.5, "low", 2.0, "high", -5.0));
        assertThatThrownBy(() -> sums.max("loss", 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> sums.mean("loss", 1, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void paceIsThatOfRecentSteps() {
        Pace pace = new Pace();
        assertThat(pace.tokensPerSecond()).isZero();
        assertThat(pace.of(10)).isZero();
        // A slow first step leaves the window of 32 steps.
        pace.add(100, 1_000_000_000_000L);
        for (int i = 0; i < 32; i++) {
            pace.add(100, 500_000_000);
        }
        assertThat(pace.tokensPerSecond()).isCloseTo(200, within(1e-9));
        assertThat(pace.of(6)).hasSeconds(3);
    }
}
