package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;

class RolloutLoopTest {
    private final List<Long> logged = new ArrayList<>();
    private final List<Progress.Step> steps = new ArrayList<>();

    /** Rollouts of 10 steps each. */
    private static class Tens implements RolloutLoop.Iterations {
        private final long last;
        private long made;

        Tens(long last) {
            this.last = last;
        }

        @Override
        public void next() {
            made += 10;
        }

        @Override
        public RolloutLoop.Made made() {
            return new RolloutLoop.Made(made, 3 * made, Map.of("made", (double) made), made == last);
        }

        @Override
        public void saveTo(StateWriter out) {
            out.put("made", made);
        }

        @Override
        public void restoreFrom(StateReader in) {
            made = in.integer("made");
        }
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
        assertThat(RolloutLoop.run(25, hooks(), new Tens(-1))).isTrue();
        assertThat(logged).containsExactly(10L, 20L, 30L);
        assertThat(steps).hasSize(3);
        assertThat(steps.get(0).remaining()).isPositive();
        assertThat(steps.get(2).remaining()).isZero();
    }

    @Test
    void anIterationMayBeTheLast() {
        assertThat(RolloutLoop.run(1000, hooks(), new Tens(20))).isTrue();
        assertThat(logged).containsExactly(10L, 20L);
    }

    @Test
    void whoIsAskedToStopMakesNoOther() {
        Tens tens = new Tens(-1);
        assertThat(RolloutLoop.run(1000, hooks().stopWhen(() -> tens.made == 20), tens))
                .isFalse();
        assertThat(logged).containsExactly(10L, 20L);
        assertThat(RolloutLoop.run(1000, hooks().stopWhen(() -> true), tens)).isFalse();
        assertThat(tens.made).isEqualTo(20);
    }

    @Test
    void anInterruptStopsAndIsCleared() {
        Tens tens = new Tens(-1) {
            @Override
            public void next() {
                super.next();
                Thread.currentThread().interrupt();
            }
        };
        assertThat(RolloutLoop.run(1000, hooks(), tens)).isFalse();
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(tens.made).isEqualTo(10);
    }

    @Test
    void itGoesOnFromACheckpointAndTellsTheRatesOfWhatItMadeItself(@TempDir Path folder) {
        Checkpoints checkpoints = new Checkpoints(folder);
        Tens first = new Tens(-1);
        RolloutLoop.run(40, hooks().checkpoints(checkpoints).stopWhen(() -> first.made == 20), first);
        assertThat(checkpoints.steps()).as("each step, and the stop").containsExactly(10L, 20L, 20L);

        logged.clear();
        steps.clear();
        Tens second = new Tens(-1);
        assertThat(RolloutLoop.run(40, hooks().checkpoints(checkpoints.from(20)), second))
                .isTrue();
        assertThat(logged).containsExactly(30L, 40L);
        // Three items a step; after 10 of the 20 steps that were left, as long again.
        Progress.Step half = steps.get(0);
        double seconds = half.remaining().toNanos() / 1e9;
        assertThat(half.tokensPerSecond() * seconds).isCloseTo(30, within(0.1));
    }

    @Test
    void whatIsDoneAlreadyIsNotDoneAgain(@TempDir Path folder) {
        Checkpoints checkpoints = new Checkpoints(folder);
        RolloutLoop.run(20, hooks().checkpoints(checkpoints), new Tens(-1));
        logged.clear();
        Tens again = new Tens(-1);
        assertThat(RolloutLoop.run(20, hooks().checkpoints(checkpoints.from(20)), again))
                .isTrue();
        assertThat(again.made).isEqualTo(20);
        assertThat(RolloutLoop.run(40, hooks().checkpoints(checkpoints.from(20)), new Tens(20)))
                .as("the last whatever the total says")
                .isTrue();
        assertThat(logged).isEmpty();
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
