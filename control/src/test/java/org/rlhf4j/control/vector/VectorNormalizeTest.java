package org.rlhf4j.control.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.rlhf4j.control.GoldenLines;
import org.rlhf4j.control.classic.CartPole;
import org.rlhf4j.control.classic.Pendulum;
import org.rlhf4j.control.vector.VectorEnvironment.AutoresetMode;
import org.rlhf4j.control.wrap.RunningStatistics;
import org.rlhf4j.control.wrap.TimeLimit;

/** Against Stable-Baselines3's {@code VecNormalize} ({@code vectors.py}), which keeps observations and rewards in float32. */
class VectorNormalizeTest {
    private static final int N = 3;

    @Test
    void observationsRewardsAndStatisticsEqualVecNormalize() {
        VectorNormalizeReward<float[]> rewards = new VectorNormalizeReward<>(pendulums(), 0.98);
        VectorNormalizeObservation<float[]> vector = new VectorNormalizeObservation<>(rewards);
        List<String[]> lines = GoldenLines.of("normalize.csv", ",");
        assertThat(lines).hasSize(140);
        float[][] first = vector.reset(5L).observations();
        for (int i = 0; i < N; i++) {
            assertClose(first[i], lines.get(i)[5]);
        }
        int ends = 0;
        for (int row = N; row < 138; row += N) {
            List<String[]> rows = lines.subList(row, row + N);
            VectorEnvironment.VectorStep step = vector.step(actions(rows));
            for (int i = 0; i < N; i++) {
                String[] line = rows.get(i);
                assertThat(step.rewards()[i])
                        .as(String.join(",", line))
                        .isCloseTo(Double.parseDouble(line[3]), within(1e-5));
                assertClose(step.observations()[i], line[5]);
                assertThat(step.truncated()[i]).isEqualTo(line[4].equals("1"));
                if (step.truncated()[i]) {
                    assertClose(Objects.requireNonNull(step.finalObservations()[i]), line[6]);
                    ends++;
                }
            }
        }
        assertThat(ends).isEqualTo(6);
        assertState(vector.statistics().state(), lines.get(138));
        assertState(rewards.statistics().state(), lines.get(139));
    }

    @Test
    void anEvaluationSharesTheStatisticsAndLeavesThemAlone() {
        VectorNormalizeObservation<float[]> training = new VectorNormalizeObservation<>(pendulums());
        training.reset(0L);
        RunningStatistics.State before = training.statistics().state();
        VectorNormalizeObservation<float[]> evaluation =
                new VectorNormalizeObservation<>(pendulums(), training.statistics());
        evaluation.setUpdating(false);
        float[][] seen = evaluation.reset(100L).observations();
        evaluation.step(Arrays.asList(new float[1], new float[1], new float[1]));
        assertThat(training.statistics().state()).isEqualTo(before);
        assertThat(seen[0])
                .containsExactly(training.statistics()
                        .normalized(new Pendulum().reset(100).observation(), 1e-8, 10));
    }

    @Test
    void rewardsAreLeftAloneByStatisticsThatDoNotUpdate() {
        VectorNormalizeReward<Integer> rewards = new VectorNormalizeReward<>(cartPoles(AutoresetMode.SAME_STEP), 0.5);
        rewards.setUpdating(false);
        rewards.reset(0L);
        assertThat(rewards.step(List.of(0, 0)).rewards()).containsExactly(new double[] {1, 1}, within(1e-8));
        assertThat(rewards.statistics().state().count()).isEqualTo(1e-4);
    }

    @Test
    void theDiscountedReturnStartsAgainWithEachEpisode() {
        for (AutoresetMode mode : List.of(AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP)) {
            VectorNormalizeReward<Integer> rewards = new VectorNormalizeReward<>(cartPoles(mode), 0.5);
            rewards.reset(0L);
            RunningStatistics expected = new RunningStatistics(1);
            // Episodes of two steps: returns 1 and 1.5, and in mode NEXT_STEP a row that counts for nothing.
            for (int episode = 0; episode < 2; episode++) {
                rewards.step(List.of(0, 1));
                rewards.step(List.of(0, 1));
                if (mode == AutoresetMode.NEXT_STEP) {
                    assertThat(rewards.step(List.of(0, 1)).rewards()).containsExactly(0, 0);
                }
                expected.update(new double[] {1, 1});
                expected.update(new double[] {1.5, 1.5});
            }
            assertThat(rewards.statistics().state()).as("%s", mode).isEqualTo(expected.state());
        }
    }

    @Test
    void aMaskedResetCountsOnlyWhatWasReset() {
        VectorNormalizeReward<Integer> rewards = new VectorNormalizeReward<>(cartPoles(AutoresetMode.DISABLED), 0.5);
        VectorNormalizeObservation<Integer> vector = new VectorNormalizeObservation<>(rewards);
        vector.reset(0L);
        vector.step(List.of(0, 1));
        double before = vector.statistics().state().count();
        vector.reset(null, new boolean[] {true, false});
        assertThat(vector.statistics().state().count()).isEqualTo(before + 1);
        vector.step(List.of(0, 1));
        RunningStatistics expected = new RunningStatistics(1);
        expected.update(new double[] {1, 1});
        expected.update(new double[] {1, 1.5});
        assertThat(rewards.statistics().state()).isEqualTo(expected.state());
    }

    @Test
    void statisticsAndNumbersThatDoNotFitAreRefused() {
        assertThatThrownBy(() -> new VectorNormalizeObservation<>(pendulums(), new RunningStatistics(4)))
                .hasMessageStartingWith("statistics of vectors of 4 elements for observations in Box(");
        assertThatThrownBy(() -> new VectorNormalizeObservation<>(pendulums(), new RunningStatistics(3), 0, 1e-8))
                .hasMessage("clip and epsilon must be positive, not 0.0 and 1.0E-8");
        assertThatThrownBy(() -> new VectorNormalizeReward<>(pendulums(), 1.1))
                .hasMessage("gamma must be between 0 and 1, not 1.1");
        assertThatThrownBy(() -> new VectorNormalizeReward<>(pendulums(), 0.9, new RunningStatistics(3), 10, 1e-8))
                .hasMessage("statistics of returns have one element, not 3");
    }

    private static VectorEnvironment<float[]> pendulums() {
        return new SyncVectorEnvironment<>(() -> new TimeLimit<>(new Pendulum(), 20), N, AutoresetMode.SAME_STEP);
    }

    private static VectorEnvironment<Integer> cartPoles(AutoresetMode mode) {
        return new SyncVectorEnvironment<>(() -> new TimeLimit<>(new CartPole(), 2), 2, mode);
    }

    private static List<float[]> actions(List<String[]> rows) {
        List<float[]> actions = new ArrayList<>();
        rows.forEach(line -> actions.add(new float[] {Float.parseFloat(line[2])}));
        return actions;
    }

    private static void assertState(RunningStatistics.State state, String[] line) {
        assertThat(state.count()).isCloseTo(Double.parseDouble(line[3]), within(1e-9));
        assertThat(state.mean()).hasSameSizeAs(doubles(line[1]));
        for (int i = 0; i < state.mean().size(); i++) {
            double mean = doubles(line[1])[i];
            double variance = doubles(line[2])[i];
            assertThat(state.mean().get(i)).isCloseTo(mean, within(1e-6 * Math.max(1, Math.abs(mean))));
            assertThat(state.variance().get(i)).isCloseTo(variance, within(1e-6 * Math.max(1, variance)));
        }
    }

    private static void assertClose(float[] actual, String numbers) {
        assertThat(actual).containsExactly(floats(doubles(numbers)), within(2e-5f));
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static double[] doubles(String numbers) {
        return Arrays.stream(numbers.split(" ", -1))
                .mapToDouble(Double::parseDouble)
                .toArray();
    }
}
