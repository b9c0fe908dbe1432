package org.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.core.train.Settings.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.run.MetricsLog;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.core.tensor.Torch;

final class TrainingLoopTest {

    @Test
    void theLossFallsAndTheWeightsAreFound() {
        try (LinearRegression task = new LinearRegression(64, 1)) {
            Recorder recorder = new Recorder();
            TrainingResult result =
                    new TrainingLoop(task, task.parameters, config().build()).run(RunHooks.NONE.metrics(recorder));
            assertThat(task.weights()).containsExactly(LinearRegression.TRUE_WEIGHTS, within(0.02f));
            assertThat(recorder.training("loss").get(0)).isGreaterThan(1);
            assertThat(result.metrics().get("loss")).isLessThan(1e-3);
            assertThat(result.metrics().get("eval_loss")).isLessThan(1e-3);
        }
    }

    @Test
    void oneBatchOfEightEqualsEightMicroBatchesOfOne() {
        // Sums of the same float32 terms in another order: a few units in the last place.
        assertThat(weightsAfterTwentySteps(8, 8)).containsExactly(weightsAfterTwentySteps(8, 1), within(1e-6f));
        assertThat(weightsAfterTwentySteps(8, 4)).containsExactly(weightsAfterTwentySteps(8, 2), within(1e-6f));
    }

    private static float[] weightsAfterTwentySteps(int batchSize, int microBatchSize) {
        // 61 rows: every eighth batch has 5 rows, which micro-batches of 4 and 2 do not divide.
        try (LinearRegression task = new LinearRegression(61, 2)) {
            TrainingConfig config =
                    config().maxSteps(20).batch(batchSize, microBatchSize).build();
            new TrainingLoop(task, task.parameters, config).run();
            return task.weights();
        }
    }

    @Test
    void theSameSeedGivesTheSameFiguresAndWeights() {
        List<String> runs = new ArrayList<>();
        for (long seed : new long[] {5, 5, 6}) {
            try (LinearRegression task = new LinearRegression(50, 3)) {
                Recorder recorder = new Recorder();
                TrainingConfig config = config().maxSteps(30).seed(seed).build();
                new TrainingLoop(task, task.parameters, config).run(RunHooks.NONE.metrics(recorder));
                runs.add(recorder.all + Arrays.toString(task.weights()));
            }
        }
        assertThat(runs.get(0)).isEqualTo(runs.get(1)).isNotEqualTo(runs.get(2));
    }

    @Test
    void anEpochSeesEachRowOnceAndTheLastBatchIsPartial() {
        try (LinearRegression task = new LinearRegression(11, 4)) {
            TrainingConfig config = config().epochs(2).batch(4, 2).build();
            TrainingResult result = new TrainingLoop(task, task.parameters, config).run();
            // 11 rows: batches of 4, 4 and 3, micro-batches of 2, 2 | 2, 2 | 2, 1, twice.
            assertThat(result.steps()).isEqualTo(6);
            assertThat(result.epochs()).isEqualTo(2);
            assertThat(task.seen.stream().map(rows -> rows.length)).containsExactly(2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 1);
            for (int epoch = 0; epoch < 2; epoch++) {
                assertThat(task.seen.subList(epoch * 6, epoch * 6 + 6).stream().flatMapToInt(IntStream::of))
                        .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
            }
            // Rows have 1, 2, 3, 4, 5 tokens in turn: 15 + 15 + 1 an epoch.
            assertThat(result.tokens()).isEqualTo(62);
        }
    }

    @Test
    void aPartialBatchIsDividedByItsOwnRows() {
        // One batch of 3 rows with batchSize 8: the same gradient as with batchSize 3.
        float[][] weights = new float[2][];
        for (int i = 0; i < 2; i++) {
            try (LinearRegression task = new LinearRegression(3, 5)) {
                TrainingConfig config =
                        config().maxSteps(5).batch(i == 0 ? 8 : 3, 1).build();
                new TrainingLoop(task, task.parameters, config).run();
                weights[i] = task.weights();
            }
        }
        assertThat(weights[0]).containsExactly(weights[1], within(1e-7f));
    }

    @Test
    void metricsAreMeansOverRowsSinceTheLastTime() {
        try (LinearRegression task = new LinearRegression(5, 6)) {
            Recorder recorder = new Recorder();
            // The learning rate is too small to move anything: every step sees the same errors, batches of 4 and 1.
            TrainingConfig config = config().epochs(1)
                    .batch(4, 4)
                    .learningRate(1e-30)
                    .logging(2)
                    .build();
            new TrainingLoop(task, task.parameters, config).run(RunHooks.NONE.metrics(recorder));
            Map<String, Double> logged = recorder.all.get(0).values();
            Double evalLoss = recorder.all.get(1).values().get("eval_loss");
            assertThat(logged.keySet())
                    .containsExactly("loss", "grad_norm", "learning_rate", "epoch", "num_tokens", "worst", "absolute");
            // The mean over all five rows, not the mean of the two batches' means.
            assertThat(logged.get("loss")).isCloseTo(evalLoss, within(1e-6));
            assertThat(logged.get("num_tokens")).isEqualTo(15);
            assertThat(logged.get("epoch")).isEqualTo(1);
            assertThat(logged.get("worst")).isGreaterThanOrEqualTo(logged.get("absolute"));
        }
    }

    @Test
    void evaluationComesEverySoManyStepsAndAtTheEnd() {
        try (LinearRegression task = new LinearRegression(16, 7)) {
            Recorder recorder = new Recorder();
            TrainingConfig config = config().maxSteps(7).evalSteps(3).logging(4).build();
            new TrainingLoop(task, task.parameters, config).run(RunHooks.NONE.metrics(recorder));
            assertThat(recorder.steps("eval_loss")).containsExactly(3L, 6L, 7L);
            assertThat(recorder.steps("loss")).containsExactly(4L, 7L);
        }
    }

    @Test
    void theBestWeightsAreRestoredAndReported() {
        try (LinearRegression task = new LinearRegression(16, 8)) {
            task.scripted.addAll(List.of(0.9, 0.2, Double.NaN, 0.2, 0.7));
            List<float[]> atEvaluation = new ArrayList<>();
            List<Boolean> best = new ArrayList<>();
            TrainingConfig config =
                    config().maxSteps(5).evalSteps(1).keepBest("eval_loss").build();
            TrainingResult result = new TrainingLoop(task, task.parameters, config)
                    .run(RunHooks.NONE.progress(new Progress() {
                        @Override
                        public void evaluated(StepMetrics metrics, boolean isBest) {
                            atEvaluation.add(task.weights());
                            best.add(isBest);
                        }
                    }));
            // The first of equals stays, and NaN is never the best.
            assertThat(best).containsExactly(true, true, false, false, false);
            assertThat(result.bestStep()).isEqualTo(2);
            assertThat(result.metrics()).containsEntry("eval_loss", 0.2);
            assertThat(task.weights()).isEqualTo(atEvaluation.get(1)).isNotEqualTo(atEvaluation.get(4));
        }
    }

    @Test
    void keepBestMustNameAFigureOfTheEvaluation() {
        try (LinearRegression task = new LinearRegression(4, 9)) {
            TrainingConfig config = config().keepBest("eval_los").build();
            assertThatThrownBy(() -> new TrainingLoop(task, task.parameters, config))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "keepBest: unknown metric \"eval_los\", did you mean \"eval_loss\"? (known: eval_loss)");
        }
    }

    @Test
    void theSameSeedWritesTheSameMetricsFile(@TempDir Path directory) throws IOException {
        List<String> files = new ArrayList<>();
        for (String name : List.of("a", "b")) {
            RunDirectory run = RunDirectory.create(Storage.disk(), directory.resolve(name));
            try (LinearRegression task = new LinearRegression(30, 15);
                    MetricsLog log = run.metrics()) {
                TrainingConfig config =
                        config().epochs(3).evalSteps(4).logging(2).build();
                new TrainingLoop(task, task.parameters, config).run(RunHooks.NONE.metrics(log));
            }
            files.add(Files.readString(run.metricsFile()));
        }
        assertThat(files.get(0)).isEqualTo(files.get(1));
        // 3 epochs of 4 steps: 6 lines of training and 3 of evaluation.
        assertThat(files.get(0)).hasLineCount(9);
    }

    @Test
    void progressTellsPaceAndRemainingTime() {
        try (LinearRegression task = new LinearRegression(10, 13)) {
            // Every look at the clock costs 5 s, and a step looks twice: it takes 5 s.
            AtomicLong clock = new AtomicLong();
            List<Progress.Step> steps = new ArrayList<>();
            TrainingConfig config = config().maxSteps(4).batch(10, 10).build();
            new TrainingLoop(task, task.parameters, config)
                    .clock(() -> clock.addAndGet(Duration.ofSeconds(5).toNanos()))
                    .run(RunHooks.NONE.progress(new Progress() {
                        @Override
                        public void step(Step step) {
                            steps.add(step);
                        }
                    }));
            // Rows of 1..5 tokens twice: 30 tokens in 5 s; three steps of 5 s remain after the first.
            assertThat(steps.get(0)).isEqualTo(new Progress.Step(1, 4, 1, 6, Duration.ofSeconds(15)));
            assertThat(steps.get(3).remaining()).isZero();
        }
    }

    @Test
    void theNumberOfLiveArraysDoesNotGrow() {
        try (LinearRegression task = new LinearRegression(40, 14)) {
            List<Integer> managed = new ArrayList<>();
            TrainingConfig config = config().maxSteps(300)
                    .batch(4, 2)
                    .evalSteps(25)
                    .keepBest("eval_loss")
                    .build();
            new TrainingLoop(task, task.parameters, config).run(RunHooks.NONE.progress(new Progress() {
                @Override
                public void step(Step step) {
                    managed.add(Torch.call(
                            () -> task.parameters.manager().getManagedArrays().size()
                                    + Torch.manager().getManagedArrays().size()));
                }
            }));
            assertThat(managed).hasSize(300);
            // The copies of w and b appear once, at the first evaluation.
            assertThat(managed.subList(0, 25)).containsOnly(managed.get(0));
            assertThat(managed.subList(25, 300)).containsOnly(managed.get(0) + 2);
        }
    }
}
