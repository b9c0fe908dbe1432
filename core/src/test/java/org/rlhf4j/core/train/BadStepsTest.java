package org.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlhf4j.core.train.Settings.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.optim.AdamW;
import org.rlhf4j.core.optim.GradientStep;
import org.rlhf4j.core.optim.NonFiniteException;
import org.rlhf4j.core.optim.Schedule;
import org.rlhf4j.core.run.MetricsLog;
import org.rlhf4j.core.run.RunCheckpoints;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.core.tensor.Torch;

/** Steps whose numbers are not finite, in runs that bear some of them. */
class BadStepsTest {
    @TempDir
    private Path directory;

    private final Recorder recorder = new Recorder();
    private final List<String> told = new ArrayList<>();

    private final RunHooks hooks = RunHooks.NONE.metrics(recorder).progress(new Progress() {
        @Override
        public void warned(long step, String text) {
            told.add(step + ": " + text);
        }
    });

    private TrainingResult train(LinearRegression task, Settings settings) {
        return new TrainingLoop(task, task.parameters, settings.build()).run(hooks);
    }

    private static Settings settings() {
        return config().maxSteps(8).batch(2, 1).logging(1).maxBadSteps(1);
    }

    @Test
    void aBadStepChangesNothingAndTheNextOneTakesTheNextRows() {
        try (LinearRegression task = new LinearRegression(8, 10)) {
            task.poison(5);
            List<float[]> weights = new ArrayList<>(List.of(task.weights()));
            RunHooks watched = hooks.progress(new Progress() {
                @Override
                public void step(Step step) {
                    weights.add(task.weights());
                }

                @Override
                public void warned(long step, String text) {
                    told.add(step + ": " + text);
                }
            });
            TrainingResult result =
                    new TrainingLoop(task, task.parameters, settings().build()).run(watched);

            assertThat(result.steps()).isEqualTo(8);
            assertThat(told).hasSize(2).allMatch(text -> text.contains("the loss is not finite (rows.jsonl:6)"));
            for (int step = 1; step <= 8; step++) {
                String prefix = step + ": ";
                boolean bad = told.stream().anyMatch(text -> text.startsWith(prefix));
                assertThat(Arrays.equals(weights.get(step), weights.get(step - 1)))
                        .as("step %d changes nothing", step)
                        .isEqualTo(bad);
            }
            // Two epochs of four steps; at the bad row, or at the one behind it, a step ends.
            assertThat(task.seen).hasSizeBetween(14, 16);
            assertThat(result.metrics()).containsEntry("skipped_steps", 2.0);
        }
    }

    @Test
    void theWeightsAreThoseOfARunWithoutTheBadUpdates() {
        // Once by a loss that is NaN, once by a gradient that is.
        for (boolean inLoss : new boolean[] {true, false}) {
            TrainingConfig config = settings().maxSteps(16).batch(2, 1).build();
            try (LinearRegression task = new LinearRegression(8, 10);
                    LinearRegression same = new LinearRegression(8, 10)) {
                if (inLoss) {
                    task.poison(5);
                } else {
                    task.poisonGradient(5);
                }
                told.clear();
                new TrainingLoop(task, task.parameters, config).run(hooks);
                assertThat(told).hasSize(4).allMatch(text -> text.contains("the gradient of") != inLoss);
                stepByStep(same, config, 5);
                assertThat(task.weights()).isEqualTo(same.weights());
            }
        }
    }

    /** The same steps without a loop, and without those that have a row. */
    private static void stepByStep(LinearRegression task, TrainingConfig config, int without) {
        BatchPlan plan = new BatchPlan(task, config);
        Schedule schedule = config.optimizer().scheduleFor(16);
        try (AdamW optimizer =
                Torch.call(() -> new AdamW(task.parameters, config.optimizer().adamW()))) {
            GradientStep gradient = new GradientStep(
                    task.parameters, optimizer, config.optimizer().clipNorm());
            for (long step = 0; step < 16; step++) {
                int[] batch = plan.batch(step);
                if (IntStream.of(batch).noneMatch(row -> row == without)) {
                    for (int[] rows : plan.microBatches(batch)) {
                        gradient.accumulate(rows, 2, tape -> task.lossSum(rows, tape, new MetricSums()));
                    }
                    gradient.update(config.optimizer().learningRate() * schedule.factor(step));
                }
            }
            Torch.run(() -> task.parameters.setAllTrainable(false));
        }
    }

    @Test
    void aStepThatIsLeftOutHasNoFiguresOfItsOwn() {
        try (LinearRegression task = new LinearRegression(8, 10)) {
            task.poison(5);
            train(task, settings());
            List<Progress.StepMetrics> bad = recorder.all.stream()
                    .filter(line -> line.values().containsKey("loss"))
                    .filter(line -> told.stream().anyMatch(text -> text.startsWith(line.step() + ": ")))
                    .toList();
            assertThat(bad).hasSize(2).allSatisfy(line -> {
                assertThat(line.values().get("loss")).isNaN();
                assertThat(line.values().get("grad_norm")).isNaN();
                assertThat(line.values()).doesNotContainKey("absolute");
            });
            assertThat(recorder.training("skipped_steps").get(0)).isEqualTo(1);
            assertThat(recorder.training("loss")).hasSize(8);
        }
    }

    @Test
    void moreInARowThanAllowedEndTheRun() {
        try (LinearRegression task = new LinearRegression(8, 10)) {
            for (int row = 0; row < 8; row++) {
                task.poison(row);
            }
            float[] before = task.weights();
            assertThatThrownBy(() -> train(task, settings().maxBadSteps(2)))
                    .isInstanceOfSatisfying(
                            NonFiniteException.class, e -> assertThat(e.step()).isEqualTo(3))
                    .hasMessageContaining("and the 2 steps before it were left out");
            assertThat(told).hasSize(2);
            assertThat(task.weights()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
    void aResumeKeepsTheCounters(int step) throws IOException {
        Settings settings = settings().maxSteps(8).batch(1, 1).learningRate(1e-9);
        String whole = resumable("whole", settings, false, 0);
        assertThat(whole).contains("\"skipped_steps\":1.0");
        resumable("cut", settings, false, step);
        assertThat(resumable("cut", settings, true, 0)).isEqualTo(whole);
    }

    private String resumable(String name, Settings settings, boolean resume, int stopAt) throws IOException {
        RunCheckpoints.Settings none = new RunCheckpoints.Settings(Duration.ZERO, 0, 2, true);
        Path path = directory.resolve(name);
        RunDirectory run = resume ? RunDirectory.open(Storage.disk(), path) : RunDirectory.create(Storage.disk(), path);
        run.writeConfig(settings.build());
        RunCheckpoints checkpoints = resume ? run.resume(none, told::add) : run.checkpoints(none, told::add);
        int[] asked = {0};
        try (LinearRegression task = new LinearRegression(8, 10);
                MetricsLog log = run.metrics()) {
            task.poison(5);
            new TrainingLoop(task, task.parameters, settings.build())
                    .run(hooks.metrics(log).checkpoints(checkpoints).stopWhen(() -> ++asked[0] == stopAt));
        }
        return Files.readString(run.metricsFile());
    }

    @Test
    void oneInARowBeforeAResumeAndOneBehindItAreTwoInARow() throws IOException {
        Settings settings = settings().maxSteps(8).batch(1, 1).maxBadSteps(1);
        RunCheckpoints.Settings none = new RunCheckpoints.Settings(Duration.ZERO, 0, 2, true);
        for (boolean resume : new boolean[] {false, true}) {
            Path path = directory.resolve("run");
            RunDirectory run =
                    resume ? RunDirectory.open(Storage.disk(), path) : RunDirectory.create(Storage.disk(), path);
            run.writeConfig(settings.build());
            RunCheckpoints checkpoints = resume ? run.resume(none, told::add) : run.checkpoints(none, told::add);
            try (LinearRegression task = new LinearRegression(8, 10)) {
                for (int row = 0; row < 8; row++) {
                    task.poison(row);
                }
                TrainingLoop loop = new TrainingLoop(task, task.parameters, settings.build());
                int[] asked = {0};
                RunHooks once = hooks.checkpoints(checkpoints).stopWhen(() -> ++asked[0] > 1);
                if (resume) {
                    assertThatThrownBy(() -> loop.run(once))
                            .isInstanceOf(NonFiniteException.class)
                            .hasMessageContaining("step 2: ");
                } else {
                    assertThat(loop.run(once).steps()).isEqualTo(1);
                }
            }
        }
    }

    @Test
    void aGradientThatLeapsIsToldAndCounted() {
        try (LinearRegression task = new LinearRegression(8, 10)) {
            task.stretch(5, 1e4f);
            TrainingResult result =
                    train(task, settings().batch(1, 1).maxSteps(24).learningRate(1e-9));
            assertThat(told).isNotEmpty().allMatch(text -> text.contains("times the median of recent steps"));
            assertThat(result.metrics()).containsEntry("grad_norm_spikes", (double) told.size());
        }
    }
}
