package org.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlhf4j.core.train.Settings.config;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.run.MetricsLog;
import org.rlhf4j.core.run.RunCheckpoints;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.core.tensor.Torch;

/** A run that was interrupted and goes on ends as if it had not been. */
final class TrainingLoopResumeTest {
    private static final int ROWS = 20;
    /** Three steps an epoch, the last of which has fewer rows; metrics every four steps, which epochs do not divide. */
    private static final TrainingConfig CONFIG = config().epochs(5)
            .batch(8, 4)
            .logging(4)
            .evalSteps(2)
            .keepBest("eval_loss")
            .build();

    private static final RunCheckpoints.Settings EVERY_STEP = new RunCheckpoints.Settings(Duration.ZERO, 1, 2, false);

    @TempDir
    Path directory;

    /** What a run left. */
    @SuppressWarnings("ArrayRecordComponent") // compared one by one
    private record Left(float[] weights, String metrics, TrainingResult result) {
        void assertSameAs(Left other) {
            assertThat(weights).isEqualTo(other.weights);
            assertThat(metrics).isEqualTo(other.metrics);
            assertThat(result).isEqualTo(other.result);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14})
    void stoppedAtAnyStepItEndsTheSame(int step) throws IOException {
        Left whole = run("whole", false, new LinearRegression(ROWS, 3), 0);
        Left first = run("cut", false, new LinearRegression(ROWS, 3), step);
        assertThat(first.result.interrupted()).isTrue();
        assertThat(first.result.steps()).isEqualTo(step);
        run("cut", true, new LinearRegression(ROWS, 3), 0).assertSameAs(whole);
    }

    @Test
    void interruptedAtEveryStepItEndsTheSame() throws IOException {
        Left whole = run("whole", false, new LinearRegression(ROWS, 4), 0);
        for (int step = 1; step < 15; step++) {
            Left part = run("cut", step > 1, new LinearRegression(ROWS, 4), step);
            assertThat(part.result.steps()).isEqualTo(step);
        }
        run("cut", true, new LinearRegression(ROWS, 4), 0).assertSameAs(whole);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 9, 10, 25})
    void brokenOffBetweenMicroBatchesItEndsTheSame(int pass) throws IOException {
        Left whole = run("whole", false, new LinearRegression(ROWS, 5), 0);
        LinearRegression breaking = new LinearRegression(ROWS, 5);
        int[] passes = new int[1];
        breaking.beforeLoss = () -> {
            if (++passes[0] == pass) {
                throw new IllegalStateException("pulled the plug");
            }
        };
        assertThatThrownBy(() -> run("cut", false, breaking, 0)).hasMessage("pulled the plug");
        run("cut", true, new LinearRegression(ROWS, 5), 0).assertSameAs(whole);
    }

    @Test
    void atTheLastCheckpointNothingIsLeftToDo() throws IOException {
        Left whole = run("whole", false, new LinearRegression(ROWS, 6), 0);
        LinearRegression again = new LinearRegression(ROWS, 6);
        again.beforeLoss = () -> {
            throw new IllegalStateException("a step too many");
        };
        run("whole", true, again, 0).assertSameAs(whole);
    }

    @Test
    void theBestWeightsComeFromBeforeTheInterruption() throws IOException {
        // The second evaluation of seven, at step 4, is the best one.
        List<Double> losses = List.of(5.0, 1.0, 3.0, 4.0, 2.0, 6.0, 7.0, 8.0);
        LinearRegression straight = new LinearRegression(ROWS, 7);
        straight.scripted.addAll(losses);
        Left whole = run("whole", false, straight, 0);
        assertThat(whole.result.bestStep()).isEqualTo(4);
        LinearRegression first = new LinearRegression(ROWS, 7);
        first.scripted.addAll(losses);
        run("cut", false, first, 7);
        LinearRegression second = new LinearRegression(ROWS, 7);
        second.scripted.addAll(losses.subList(3, losses.size()));
        run("cut", true, second, 0).assertSameAs(whole);
    }

    @Test
    void aChangedLogIsKeptAndRestored() throws IOException {
        Left whole = run("whole", false, new LinearRegression(ROWS, 8), 0);
        run("cut", false, new LinearRegression(ROWS, 8), 9);
        Path log = directory.resolve("cut/metrics.jsonl");
        Files.writeString(log, "rotated\n");
        run("cut", true, new LinearRegression(ROWS, 8), 0).assertSameAs(whole);
        assertThat(directory.resolve("cut/metrics.jsonl.changed")).hasContent("rotated");
    }

    @Test
    void aMissingLogIsRestored() throws IOException {
        Left whole = run("whole", false, new LinearRegression(ROWS, 9), 0);
        run("cut", false, new LinearRegression(ROWS, 9), 9);
        Files.delete(directory.resolve("cut/metrics.jsonl"));
        run("cut", true, new LinearRegression(ROWS, 9), 0).assertSameAs(whole);
    }

    @Test
    void theCheckpointsOfAnotherModelAreRefused() throws IOException {
        run("cut", false, new LinearRegression(ROWS, 9), 9);
        try (LinearRegression other = new LinearRegression(ROWS, 9)) {
            Torch.run(() ->
                    other.parameters.put("more", other.parameters.manager().zeros(new Shape(2))));
            assertThatThrownBy(() -> run("cut", true, other, 0))
                    .hasMessageEndingWith("model-weights.safetensors: lacks \"more\"");
        }
    }

    @Test
    void checkpointsComeByTheClockToo() throws IOException {
        long[] now = new long[1];
        RunCheckpoints.Settings settings = new RunCheckpoints.Settings(Duration.ofMinutes(10), 0, 3, false);
        RunDirectory run = RunDirectory.create(Storage.disk(), directory.resolve("run"));
        RunCheckpoints checkpoints = run.checkpoints(settings, note -> {}, () -> now[0]);
        try (LinearRegression task = new LinearRegression(ROWS, 1)) {
            // A step takes three minutes; one that is stopped in leaves another.
            task.beforeLoss = () -> now[0] += Duration.ofMinutes(1).toNanos();
            TrainingConfig config = config().maxSteps(14).batch(3, 1).build();
            new TrainingLoop(task, task.parameters, config).run(RunHooks.NONE.checkpoints(checkpoints));
        }
        try (var names = Files.list(directory.resolve("run/checkpoints"))) {
            assertThat(names.map(path -> path.getFileName().toString()).sorted())
                    .containsExactly("step-000004", "step-000008", "step-000012");
        }
    }

    /** Keeps checkpoints at each step, and stops after {@code stopAt} of them where it is not 0. */
    private Left run(String name, boolean resume, LinearRegression task, int stopAt) throws IOException {
        Path path = directory.resolve(name);
        List<String> notes = new ArrayList<>();
        RunDirectory run = resume ? RunDirectory.open(Storage.disk(), path) : RunDirectory.create(Storage.disk(), path);
        if (!resume) {
            run.writeConfig(CONFIG);
        }
        RunCheckpoints checkpoints =
                resume ? run.resume(EVERY_STEP, notes::add) : run.checkpoints(EVERY_STEP, notes::add);
        try (task;
                MetricsLog metrics = run.metrics()) {
            long[] made = new long[1];
            TrainingResult result = new TrainingLoop(task, task.parameters, CONFIG)
                    .run(RunHooks.NONE
                            .metrics(metrics)
                            .checkpoints(checkpoints)
                            .stopWhen(() -> stopAt > 0 && made[0] == stopAt)
                            .progress(new Progress() {
                                @Override
                                public void step(Step step) {
                                    made[0] = step.step();
                                }
                            }));
            return new Left(task.weights(), Files.readString(run.metricsFile(), StandardCharsets.UTF_8), result);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
