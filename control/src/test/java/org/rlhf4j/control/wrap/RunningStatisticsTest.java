package org.rlhf4j.control.wrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.control.random.Generator;

class RunningStatisticsTest {
    @Test
    void theStartIsThatOfStableBaselines() {
        assertThat(new RunningStatistics(2).state())
                .isEqualTo(new RunningStatistics.State(List.of(0.0, 0.0), List.of(1.0, 1.0), 1e-4));
    }

    @Test
    void theFirstBatchByHand() {
        RunningStatistics statistics = new RunningStatistics(1);
        statistics.update(new double[] {1, 3});
        // Mean 2, squares 2; merged with the 1e-4 of a count at mean 0 and variance 1.
        double total = 2.0001;
        RunningStatistics.State state = statistics.state();
        assertThat(state.count()).isEqualTo(total);
        assertThat(state.mean().get(0)).isCloseTo(4 / total, within(1e-15));
        assertThat(state.variance().get(0)).isCloseTo((1e-4 + 2 + 4 * 1e-4 * 2 / total) / total, within(1e-15));
    }

    @Test
    void itDoesNotMatterHowTheStreamIsCut() {
        Generator generator = new Generator(1);
        float[][] stream = new float[60][2];
        for (float[] vector : stream) {
            vector[0] = (float) (5 + generator.standardNormal());
            vector[1] = (float) (100 * generator.nextDouble());
        }
        RunningStatistics whole = new RunningStatistics(2);
        whole.update(stream);
        RunningStatistics single = new RunningStatistics(2);
        for (float[] vector : stream) {
            single.update(vector);
        }
        for (int i = 0; i < 2; i++) {
            assertThat(single.state().mean().get(i))
                    .isCloseTo(whole.state().mean().get(i), within(1e-10));
            assertThat(single.state().variance().get(i))
                    .isCloseTo(whole.state().variance().get(i), within(1e-8));
        }
        assertThat(whole.state().mean().get(0)).isCloseTo(5, within(0.5));
        assertThat(whole.state().variance().get(1)).isCloseTo(10000 / 12.0, within(200.0));
    }

    @Test
    void whatIsRestoredGoesOnExactlyWhereTheSavedOneWas() {
        RunningStatistics saved = new RunningStatistics(2);
        saved.update(new float[] {0.1f, 7}, new float[] {0.3f, 5});
        RunningStatistics restored = new RunningStatistics(saved.state());
        saved.update(new float[] {1, 2});
        restored.update(new float[] {1, 2});
        assertThat(restored.state()).isEqualTo(saved.state());
        assertThat(restored.normalized(new float[] {3, 4}, 1e-8, 10))
                .containsExactly(saved.normalized(new float[] {3, 4}, 1e-8, 10));
    }

    @Test
    void normalisationByHand() {
        RunningStatistics statistics =
                new RunningStatistics(new RunningStatistics.State(List.of(1.0, 0.0), List.of(4.0, 0.25), 10));
        float[] vector = {2, 30};
        assertThat(statistics.normalized(vector, 1e-8, 10)).containsExactly(new float[] {0.5f, 10}, within(1e-6f));
        assertThat(vector).containsExactly(2, 30);
        assertThat(statistics.scaled(-1, 1e-8, 10)).isCloseTo(-0.5, within(1e-8));
        assertThat(statistics.scaled(-100, 1e-8, 10)).isEqualTo(-10);
    }

    @Test
    void anEmptyBatchChangesNothing() {
        RunningStatistics statistics = new RunningStatistics(1);
        RunningStatistics.State before = statistics.state();
        statistics.update(new double[0]);
        statistics.update(new float[0][]);
        assertThat(statistics.state()).isEqualTo(before);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        RunningStatistics statistics = new RunningStatistics(2);
        assertThatThrownBy(() -> statistics.update(new float[] {1, 2}, new float[] {1}))
                .hasMessage("a vector of 1 elements where there are statistics of 2");
        assertThat(statistics.state().count()).isEqualTo(1e-4);
        assertThatThrownBy(() -> statistics.update(new double[] {1})).hasMessageContaining("vectors of 2 elements");
        assertThatThrownBy(() -> statistics.normalized(new float[3], 1e-8, 10))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RunningStatistics(0)).isInstanceOf(IllegalArgumentException.class);
        for (Broken broken : List.of(
                new Broken(List.of(), List.of(), 1),
                new Broken(List.of(0.0), List.of(1.0, 1.0), 1),
                new Broken(List.of(Double.NaN), List.of(1.0), 1),
                new Broken(List.of(0.0), List.of(-1.0), 1),
                new Broken(List.of(0.0), List.of(1.0), 0))) {
            assertThatThrownBy(() -> new RunningStatistics.State(broken.mean, broken.variance, broken.count))
                    .as("%s", broken)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("not the statistics of vectors");
        }
    }

    private record Broken(List<Double> mean, List<Double> variance, double count) {}
}
