package org.rlhf4j.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;

/** When checkpoints are due, and what becomes of one that cannot be written. */
final class RunCheckpointsTest {
    private static final Resumable RUN = new Resumable() {
        @Override
        public void saveTo(StateWriter out) {
            out.put("number", 1.5);
        }

        @Override
        public void restoreFrom(StateReader in) {}
    };

    private final Path directory;
    private final List<String> notes = new ArrayList<>();
    private long now = -5;
    private boolean full;
    /** A disk that is full from a moment on. */
    private final Storage storage = Storage.disk().observed((step, path) -> {
        if (full && path.toString().contains("checkpoints")) {
            throw new IOException("No space left on device");
        }
    });

    RunCheckpointsTest(@TempDir Path directory) {
        this.directory = directory.resolve("run");
    }

    private RunCheckpoints checkpoints(Duration every, long everySteps, boolean failOnError) throws IOException {
        RunDirectory run = RunDirectory.create(storage, directory);
        RunCheckpoints.Settings settings = new RunCheckpoints.Settings(every, everySteps, 2, failOnError);
        return run.checkpoints(settings, notes::add, () -> now);
    }

    @Test
    void theyAreDueByTheClockAndBySteps() throws IOException {
        RunCheckpoints checkpoints = checkpoints(Duration.ofNanos(100), 7, false);
        now += 99;
        assertThat(checkpoints.due(6)).isFalse();
        assertThat(checkpoints.due(7)).isTrue();
        assertThat(checkpoints.due(8)).as("7 was jumped over").isTrue();
        checkpoints.save(8, RUN);
        assertThat(checkpoints.due(13)).isFalse();
        assertThat(checkpoints.due(14)).isTrue();
        now += 99;
        assertThat(checkpoints.due(9)).isFalse();
        now += 1;
        assertThat(checkpoints.due(9)).isTrue();
    }

    @Test
    void theirCostIsKnown() throws IOException {
        RunCheckpoints checkpoints = checkpoints(Duration.ZERO, 1, false);
        assertThat(checkpoints.cost()).isEmpty();
        checkpoints.save(1, new Resumable() {
            @Override
            public void saveTo(StateWriter out) {
                now += Duration.ofSeconds(3).toNanos();
            }

            @Override
            public void restoreFrom(StateReader in) {}
        });
        now += Duration.ofSeconds(57).toNanos();
        assertThat(checkpoints.cost()).contains("checkpoints: 1 written in 3.00 s each, 5.00 % of the time");
    }

    @Test
    void noneIsDueWhereNoneIsWanted() throws IOException {
        RunCheckpoints checkpoints = checkpoints(Duration.ZERO, 0, false);
        now = Long.MAX_VALUE - 10;
        assertThat(checkpoints.due(1)).isFalse();
        assertThat(checkpoints.lastStep()).isZero();
    }

    @Test
    void onAFullDiskTheRunGoesOnAndTheOneBeforeIsSafe() throws IOException {
        RunCheckpoints checkpoints = checkpoints(Duration.ofNanos(100), 0, false);
        full = true;
        checkpoints.save(1, RUN);
        assertThat(notes.get(0))
                .startsWith("the checkpoint of step 1 was not written: ")
                .endsWith("No space left on device; there is none yet");
        full = false;
        checkpoints.save(2, RUN);
        assertThat(checkpoints.failure()).isEmpty();
        full = true;
        now += 100;
        assertThat(checkpoints.due(3)).isTrue();
        checkpoints.save(3, RUN);
        assertThat(checkpoints.due(4))
                .as("tried again at the next interval, not at each step")
                .isFalse();
        assertThat(notes.get(1))
                .startsWith("the checkpoint of step 3 was not written: ")
                .endsWith("No space left on device; the one of step 2 is safe");
        assertThat(checkpoints.failure()).contains(notes.get(1));
        assertThat(checkpoints.lastStep()).isEqualTo(2);
        full = false;
        assertThat(directory.resolve("checkpoints").toFile().list()).containsExactly("step-000002");
    }

    @Test
    void whereItIsWantedAFullDiskEndsTheRun() throws IOException {
        RunCheckpoints checkpoints = checkpoints(Duration.ZERO, 1, true);
        full = true;
        assertThatThrownBy(() -> checkpoints.save(1, RUN))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("No space left on device; there is none yet");
    }

    @Test
    void aLogThatCannotBeWrittenOutCountsAsAFailureToo() throws IOException {
        IOException reason = new IOException("metrics.jsonl: No space left on device");
        RunCheckpoints lenient = checkpoints(Duration.ofNanos(100), 0, false);
        now += 100;
        lenient.failed(3, reason);
        assertThat(notes)
                .containsExactly(
                        "the checkpoint of step 3 was not written: metrics.jsonl: No space left on device; there is"
                                + " none yet");
        assertThat(lenient.due(4)).as("tried again at the next interval").isFalse();
        Storage.disk().deleteTree(directory);
        RunCheckpoints strict = checkpoints(Duration.ofNanos(100), 0, true);
        assertThatThrownBy(() -> strict.failed(3, reason)).isInstanceOf(UncheckedIOException.class);
    }

    @Test
    void aCheckpointThatWasDeletedMeanwhileIsNotMissed() throws IOException {
        RunCheckpoints checkpoints = checkpoints(Duration.ZERO, 1, false);
        checkpoints.save(1, RUN);
        Storage.disk().deleteTree(directory.resolve("checkpoints"));
        checkpoints.save(2, RUN);
        assertThat(notes).isEmpty();
        assertThat(Files.exists(directory.resolve("checkpoints/step-000002/manifest.json")))
                .isTrue();
    }
}
