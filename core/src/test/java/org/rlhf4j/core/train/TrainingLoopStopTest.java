package org.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlhf4j.core.train.Settings.config;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.optim.NonFiniteException;

/** Runs that end early: on a figure that is not finite, or because they were asked to. */
final class TrainingLoopStopTest {

    @Test
    void aNonFiniteLossStopsBeforeTheUpdateAndNamesStepAndRows() {
        try (LinearRegression task = new LinearRegression(8, 10)) {
            task.poison(5);
            Recorder recorder = new Recorder();
            TrainingConfig config = config().maxSteps(8).batch(2, 1).logging(1).build();
            List<float[]> weights = new ArrayList<>();
            weights.add(task.weights());
            TrainingLoop loop = new TrainingLoop(task, task.parameters, config);
            RunHooks hooks = RunHooks.NONE.metrics(recorder).progress(new Progress() {
                @Override
                public void step(Step step) {
                    weights.add(task.weights());
                }
            });
            assertThatThrownBy(() -> loop.run(hooks)).isInstanceOfSatisfying(NonFiniteException.class, e -> {
                assertThat(e.step()).isEqualTo(recorder.all.size() + 1);
                assertThat(e.tensor()).isEqualTo("loss");
                assertThat(e.rows()).containsExactly(5);
                assertThat(e).hasMessageContaining("rows.jsonl:6");
            });
            // What was done stays: the weights of the last good step, and its metrics.
            assertThat(task.weights()).isEqualTo(weights.get(weights.size() - 1));
        }
    }

    @Test
    void afterAFailureNothingOfItIsLeft() {
        // One run that fails at its first step and one that follows it: the same as the second alone.
        float[][] weights = new float[2][];
        for (int i = 0; i < 2; i++) {
            try (LinearRegression task = new LinearRegression(8, 10)) {
                if (i == 0) {
                    task.poison(5);
                    TrainingLoop failing = new TrainingLoop(
                            task, task.parameters, config().batch(8, 1).build());
                    assertThatThrownBy(failing::run).isInstanceOf(NonFiniteException.class);
                    task.heal(5);
                }
                new TrainingLoop(task, task.parameters, config().maxSteps(5).build()).run();
                weights[i] = task.weights();
            }
        }
        assertThat(weights[0]).isEqualTo(weights[1]);
    }

    @Test
    void askedToStopItFinishesTheBegunStepAndSaysSo() {
        try (LinearRegression task = new LinearRegression(32, 11)) {
            AtomicInteger passes = new AtomicInteger();
            task.beforeLoss = passes::incrementAndGet;
            Recorder recorder = new Recorder();
            // Four micro-batches a step: the tenth is in the middle of the third step.
            TrainingConfig config = config().maxSteps(100).batch(4, 1).build();
            List<float[]> weights = new ArrayList<>();
            TrainingResult result = new TrainingLoop(task, task.parameters, config)
                    .run(RunHooks.NONE
                            .metrics(recorder)
                            .stopWhen(() -> passes.get() >= 10)
                            .progress(new Progress() {
                                @Override
                                public void step(Step step) {
                                    weights.add(task.weights());
                                }
                            }));
            assertThat(result.interrupted()).isTrue();
            assertThat(result.steps()).isEqualTo(3);
            assertThat(task.weights()).isEqualTo(weights.get(2));
            // Metrics are those of ten steps: a run that goes on writes them, as if it had not been stopped.
            assertThat(recorder.all).isEmpty();
        }
    }

    @Test
    void anInterruptOfTheThreadStopsTooAndIsCleared() {
        try (LinearRegression task = new LinearRegression(32, 12)) {
            TrainingConfig config = config().maxSteps(100).build();
            TrainingResult result = new TrainingLoop(task, task.parameters, config)
                    .run(RunHooks.NONE.progress(new Progress() {
                        @Override
                        public void step(Step step) {
                            if (step.step() == 3) {
                                Thread.currentThread().interrupt();
                            }
                        }
                    }));
            assertThat(Thread.interrupted()).as("still interrupted").isFalse();
            assertThat(result.interrupted()).isTrue();
            assertThat(result.steps()).isEqualTo(3);
        }
    }
}
