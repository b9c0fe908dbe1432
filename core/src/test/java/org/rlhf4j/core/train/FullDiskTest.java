package org.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlhf4j.core.train.Settings.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageObserver;
import org.rlhf4j.core.run.MetricsLog;
import org.rlhf4j.core.run.RunCheckpoints;
import org.rlhf4j.core.run.RunDirectory;

/** A run on a disk that takes nothing for a while. */
final class FullDiskTest {
    private static final TrainingConfig CONFIG =
            config().epochs(4).batch(8, 4).logging(1).evalSteps(2).build();
    private static final RunCheckpoints.Settings EVERY_SECOND = new RunCheckpoints.Settings(Duration.ZERO, 2, 9, false);

    @TempDir
    Path directory;

    private final List<String> told = new ArrayList<>();

    /** Weights and metrics of a run whose disk is full from a step until the next one that is named, both included. */
    private String run(String name, int from, int to, int stopAfter) throws IOException {
        Path path = directory.resolve(name);
        long[] made = new long[1];
        Storage storage = Storage.disk().observed((step, file) -> {
            if (step == StorageObserver.Step.WRITE && made[0] >= from && made[0] <= to) {
                throw new IOException("No space left on device");
            }
        });
        RunDirectory run = RunDirectory.create(storage, path);
        run.writeConfig(CONFIG);
        try (LinearRegression task = new LinearRegression(20, 3);
                MetricsLog metrics = run.metrics()) {
            RunHooks hooks = RunHooks.NONE
                    .metrics(metrics)
                    .checkpoints(run.checkpoints(EVERY_SECOND, told::add))
                    .stopWhen(() -> made[0] == stopAfter)
                    .progress(new Progress() {
                        @Override
                        public void step(Step step) {
                            made[0] = step.step();
                        }

                        @Override
                        public void warned(long step, String text) {
                            told.add("step " + step + ": " + text);
                        }
                    });
            new TrainingLoop(task, task.parameters, CONFIG).run(hooks);
            return Arrays.toString(task.weights()) + "\n" + left(run, metrics);
        }
    }

    private static String left(RunDirectory run, MetricsLog metrics) throws IOException {
        metrics.flush();
        return Files.readString(run.metricsFile());
    }

    private List<String> checkpoints(String name) throws IOException {
        try (var files = Files.list(directory.resolve(name + "/checkpoints"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aRunThatOutlivesItEndsAsOnAHealthyDisk(int from) throws IOException {
        String healthy = run("healthy", 100, 0, 100);
        assertThat(told).isEmpty();
        assertThat(run("full", from, 7, 100)).isEqualTo(healthy);
        Path metrics = directory.resolve("full/metrics.jsonl");
        assertThat(told)
                .contains("step " + from + ": " + metrics
                        + ": cannot be written: No space left on device; its lines are kept and tried again")
                .filteredOn(text -> text.contains("kept and tried again"))
                .hasSize(1);
        assertThat(checkpoints("full")).contains("step-000008", "step-000012").doesNotContain("step-000004");
        assertThat(directory.resolve("full/checkpoints/step-000008/metrics.jsonl"))
                .as("a checkpoint has all lines up to it")
                .hasSameBinaryContentAs(directory.resolve("healthy/checkpoints/step-000008/metrics.jsonl"));
    }

    @Test
    void aRunThatStopsOnItSaysThatThereIsNoCheckpoint() throws IOException {
        assertThatThrownBy(() -> run("full", 3, 100, 5))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("the checkpoint of step 5 was not written: ")
                .hasMessageEndingWith("metrics.jsonl: cannot be written: No space left on device");
        assertThat(checkpoints("full")).containsExactly("step-000002");
    }

    @Test
    void aRunThatEndsOnItSaysWhatIsLost() {
        assertThatThrownBy(() -> run("full", 11, 100, 100)).hasMessageEndingWith("No space left on device");
    }
}
