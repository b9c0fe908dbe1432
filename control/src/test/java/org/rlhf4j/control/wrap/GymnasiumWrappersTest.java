package org.rlhf4j.control.wrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.GoldenLines;
import org.rlhf4j.control.classic.MountainCarContinuous;

/** Against Gymnasium's wrappers ({@code wrappers.py}), which keep the statistics of observations in float32. */
class GymnasiumWrappersTest {
    @Test
    void rescalingNormalisationAndStatisticsEqualGymnasiums() {
        RecordEpisodeStatistics<float[]> episodes = new RecordEpisodeStatistics<>(
                new RescaleAction(new TimeLimit<>(new MountainCarContinuous(), 120), -3, 5));
        Environment<float[]> environment = new NormalizeReward<>(new NormalizeObservation<>(episodes), 0.9);
        List<String[]> lines = GoldenLines.of("wrappers.csv", ",");
        long seed = 4;
        int ends = 0;
        int terminations = 0;
        for (String[] line : lines) {
            String row = String.join(",", line);
            if (line[0].equals("0")) {
                assertClose(environment.reset(seed++).observation(), line[3], row);
                continue;
            }
            Environment.Step step = environment.step(new float[] {Float.parseFloat(line[1])});
            assertClose(step.observation(), line[3], row);
            double reward = Double.parseDouble(line[2]);
            assertThat(step.reward()).as(row).isCloseTo(reward, within(1e-9 * Math.max(1, Math.abs(reward))));
            assertThat(step.done()).as(row).isEqualTo(!line[5].isEmpty());
            terminations += step.terminated() ? 1 : 0;
            if (step.done()) {
                EpisodeStatistics episode = Objects.requireNonNull(EpisodeStatistics.in(step.info()));
                assertThat(episode)
                        .isNotNull()
                        .isEqualTo(episodes.history().recent().get(ends));
                assertThat(episode.episodeReturn()).isCloseTo(Double.parseDouble(line[4]), within(1e-9));
                assertThat(episode.length()).isEqualTo(Integer.parseInt(line[5]));
                ends++;
            }
        }
        assertThat(ends).isEqualTo(2);
        assertThat(terminations).isEqualTo(1);
    }

    private static void assertClose(float[] actual, String numbers, String row) {
        String[] parts = numbers.split(" ", -1);
        assertThat(actual).as(row).hasSize(parts.length);
        for (int i = 0; i < parts.length; i++) {
            double expected = Double.parseDouble(parts[i]);
            assertThat((double) actual[i]).as(row).isCloseTo(expected, within(2e-4 * Math.max(1, Math.abs(expected))));
        }
    }
}
