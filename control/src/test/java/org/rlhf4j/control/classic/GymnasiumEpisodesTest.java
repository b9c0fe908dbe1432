package org.rlhf4j.control.classic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.GoldenLines;
import org.rlhf4j.control.registry.Environments;

/**
 * Whole episodes against Gymnasium's ({@code episodes.py}): observations and flags exactly, rewards to 1e-9. Starts at the
 * walls, at the goal and at full speed are among them, and actions beyond the bounds.
 */
class GymnasiumEpisodesTest {
    @ParameterizedTest
    @CsvSource({"CartPole-v1, 1037", "MountainCar-v0, 577", "Acrobot-v1, 405"})
    void episodesWithDiscreteActionsEqualGymnasiums(String id, int rows) {
        replay(Environments.make(id, Integer.class), rows, Integer::valueOf);
    }

    @ParameterizedTest
    @CsvSource({"MountainCarContinuous-v0, 555", "Pendulum-v1, 726"})
    void episodesWithContinuousActionsEqualGymnasiums(String id, int rows) {
        replay(Environments.make(id, float[].class), rows, action -> new float[] {Float.parseFloat(action)});
    }

    private static <A> void replay(Environment<A> environment, int rows, Function<String, A> action) {
        String id = environment.spec().id();
        List<String[]> lines = GoldenLines.of(id + ".csv", ",");
        assertThat(lines).hasSize(rows);
        int ends = 0;
        for (int i = 0; i < rows; i++) {
            String[] line = lines.get(i);
            String row = id + " row " + i + ": " + String.join(",", line);
            if (line[2].equals("0")) {
                Environment.Reset reset = environment.reset(Long.parseLong(line[0]), options(id, line[1]));
                assertThat(reset.observation()).as(row).containsExactly(observation(line));
            } else {
                Environment.Step step = environment.step(action.apply(line[3]));
                assertThat(step.observation()).as(row).containsExactly(observation(line));
                assertThat(step.reward()).as(row).isCloseTo(Double.parseDouble(line[4]), within(1e-9));
                assertThat(step.terminated()).as(row).isEqualTo(line[5].equals("1"));
                assertThat(step.truncated()).as(row).isEqualTo(line[6].equals("1"));
                ends += step.done() ? 1 : 0;
            }
        }
        assertThat(ends).isGreaterThan(1);
    }

    private static Map<String, Object> options(String id, String interval) {
        if (interval.isEmpty()) {
            return Map.of();
        }
        String[] numbers = interval.split(":", -1);
        boolean pendulum = id.equals("Pendulum-v1");
        return Map.of(
                pendulum ? "x_init" : "low", Double.parseDouble(numbers[0]),
                pendulum ? "y_init" : "high", Double.parseDouble(numbers[1]));
    }

    private static float[] observation(String[] line) {
        float[] observation = new float[line.length - 7];
        for (int i = 0; i < observation.length; i++) {
            observation[i] = (float) Double.parseDouble(line[7 + i]);
        }
        return observation;
    }
}
