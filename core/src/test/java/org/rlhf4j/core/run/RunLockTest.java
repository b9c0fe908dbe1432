package org.rlhf4j.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageObserver.Step;
import org.rlhf4j.testing.JavaProcess;

class RunLockTest {
    private static final List<String> COMMAND = List.of("rlhf", "dpo", "train", "--out", "run");

    @TempDir
    private Path directory;

    private RunLock acquire() throws IOException {
        return RunLock.acquire(Storage.disk(), directory, COMMAND);
    }

    private JsonNode owner() {
        return Json.read(directory.resolve("run.owner.json"));
    }

    @Test
    void theOwnerIsWrittenBesideTheLockAndGoesWithIt() throws IOException {
        try (RunLock lock = acquire()) {
            assertThat(lock.note()).isEmpty();
            assertThat(owner().path("pid").longValue())
                    .isEqualTo(ProcessHandle.current().pid());
            assertThat(owner().path("host").textValue()).isNotBlank();
            assertThat(Instant.parse(owner().path("since").textValue()))
                    .isBetween(Instant.now().minus(Duration.ofMinutes(1)), Instant.now());
            assertThat(owner().path("command")).hasToString(Json.write(COMMAND));
        }
        assertThat(directory.resolve("run.owner.json")).doesNotExist();
        assertThat(directory.resolve("run.lock")).isEmptyFile();
        acquire().close();
    }

    @Test
    void theSameProcessDoesNotGetItTwiceAndAsManyAttemptsDoNotLoseIt() throws Exception {
        RunLock lock = acquire();
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(this::acquire)
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "%s is in use by process %d on %s since %s: wait until it ends, or stop it and try again"
                                    .formatted(
                                            directory,
                                            ProcessHandle.current().pid(),
                                            owner().path("host").textValue(),
                                            owner().path("since").textValue()));
        }
        // Had an attempt closed its channel, the lock would be gone without this process noticing.
        assertThat(new JavaProcess().run(HoldLock.class, directory.toString()).output())
                .startsWith(directory + " is in use by process "
                        + ProcessHandle.current().pid() + " on ")
                .hasLineCount(1);
        lock.close();
        acquire().close();
    }

    @Test
    void aKilledProcessLeavesNoLockBehind() throws Exception {
        Process other =
                new JavaProcess().start(ProcessBuilder.Redirect.PIPE, HoldLock.class.getName(), directory.toString());
        try (BufferedReader output = other.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).isEqualTo("held");
            assertThatThrownBy(this::acquire)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(directory + " is in use by process " + other.pid() + " on ");
            other.destroyForcibly().waitFor();
        } finally {
            other.destroyForcibly();
        }
        assertThat(owner().path("pid").longValue()).isEqualTo(other.pid());
        try (RunLock lock = acquire()) {
            assertThat(lock.note()).isEmpty();
            assertThat(owner().path("pid").longValue())
                    .isEqualTo(ProcessHandle.current().pid());
        }
    }

    @Test
    void whoeverHasNotSignedYetIsAnotherProcess() throws IOException {
        RunLock lock = acquire();
        Files.writeString(directory.resolve("run.owner.json"), "{\"pid\":");
        assertThatThrownBy(this::acquire).hasMessageStartingWith(directory + " is in use by another process: ");
        lock.close();
    }

    @Test
    void aFileSystemWithoutLocksIsANoteAndNoFailure() throws IOException {
        RunLock.Locks none = channel -> {
            throw new IOException("No locks available");
        };
        try (RunLock lock = RunLock.acquire(Storage.disk(), directory, COMMAND, none)) {
            assertThat(lock.note())
                    .hasValue("the file system of " + directory + " has no locks (No locks available): nothing keeps a"
                            + " second process out of this run, so start none");
            assertThat(owner().path("pid").longValue())
                    .isEqualTo(ProcessHandle.current().pid());
        }
        assertThat(directory.resolve("run.owner.json")).doesNotExist();
    }

    @Test
    void aDirectoryThatCannotBeWrittenFailsAndKeepsNoLock() throws IOException {
        Storage full = Storage.disk().observed((step, path) -> {
            if (step == Step.WRITE) {
                throw new IOException("No space left on device");
            }
        });
        assertThatThrownBy(() -> RunLock.acquire(full, directory, COMMAND))
                .hasMessage(directory.resolve("run.owner.json") + ": cannot be written: No space left on device");
        acquire().close();
        assertThatThrownBy(() -> RunLock.acquire(Storage.disk(), directory.resolve("none"), COMMAND))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none");
    }

    @Test
    void aDirectoryThatVanishedIsNoFailureAtTheEnd() throws IOException {
        RunLock lock = acquire();
        Files.delete(directory.resolve("run.owner.json"));
        Files.delete(directory.resolve("run.lock"));
        lock.close();
    }
}
