package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;

class RolloutLoopTest {
    private final List<Long> logged = new ArrayList<>();
    private final List<Progress.Step> steps = new ArrayList<>();
    private long made;

    /** Rollouts of 10 steps each. */
    private RolloutLoop.Made tenMore(boolean last) {
        made += 10;
        return new RolloutLoop.Made(made, 3 * made, Map.of("made", (double) made), last);
    }

    private RunHooks hooks() {
        Progress progress = new Progress() {
            @Override
            public void step(Progress.Step step) {
                steps.add(step);
            }
        };
        return RunHooks.NONE.progress(progress).metrics(values -> logged.add(values.step()));
    }

    @Test
    void itGoesOnUntilAllIsDoneAndTheLastRolloutIsMadeWhole() {
        assertThat(RolloutLoop.run(25, hooks(), () -> tenMore(false))).isTrue();
        assertThat(logged).containsExactly(10L, 20L, 30L);
        assertThat(steps).hasSize(3);
        assertThat(steps.get(0).remaining()).isPositive();
        assertThat(steps.get(2).remaining()).isZero();
    }

    @Test
    void anIterationMayBeTheLast() {
        assertThat(RolloutLoop.run(1000, hooks(), () -> tenMore(made == 10))).isTrue();
        assertThat(logged).containsExactly(10L, 20L);
    }

    @Test
    void whoIsAskedToStopMakesNoOther() {
        assertThat(RolloutLoop.run(1000, hooks().stopWhen(() -> made == 20), () -> tenMore(false)))
                .isFalse();
        assertThat(logged).containsExactly(10L, 20L);
        assertThat(RolloutLoop.run(1000, hooks().stopWhen(() -> true), () -> tenMore(false)))
                .isFalse();
        assertThat(made).isEqualTo(20);
    }

    @Test
    void anInterruptStopsAndIsCleared() {
        boolean complete = RolloutLoop.run(1000, hooks(), () -> {
            Thread.currentThread().interrupt();
            return tenMore(false);
        });
        assertThat(complete).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(made).isEqualTo(10);
    }

    /** Ratios 2 and 1/2 of one step each. */
    @Test
    void sumsOfRatiosBecomeMeansAndAVariance() {
        double log2 = Math.log(2);
        Ratios up = new Ratios(-log2, log2 * log2 / 2, 1 - log2, 2, 4, 1, 0, 1);
        Ratios down = new Ratios(log2, log2 * log2 / 2, log2 - 0.5, 0.5, 0.25, 1, 0, 0.5);
        Ratios mean = Ratios.NONE.plus(up).plus(down).over(2);
        assertThat(mean.kl1()).isZero();
        assertThat(mean.kl2()).isCloseTo(log2 * log2 / 2, within(1e-12));
        assertThat(mean.kl3()).isCloseTo(0.25, within(1e-12));
        assertThat(mean.ratio()).isEqualTo(1.25);
        assertThat(mean.outside()).isEqualTo(1);
        assertThat(mean.deviation()).as("the largest, not a mean").isEqualTo(1);
        // Deviations 0.75 on both sides.
        assertThat(mean.variance()).isCloseTo(0.5625, within(1e-12));
        assertThat(new Ratios(0, 0, 0, 1, 1 - 1e-16, 0, 0, 0).variance()).isNotNegative();
    }
}
