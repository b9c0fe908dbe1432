package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageObserver.Step;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.cli.FailureLines;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.run.RunCheckpoints;
import org.rlhf4j.core.run.RunDirectory;

/** Disks that are full, closed or strange, cases 37 and 38; what no test machine has is put into its {@link Storage}. */
class HostileDiskTest {
    private final HostileFiles files;
    private final Path directory;

    HostileDiskTest(@TempDir Path directory) {
        this.files = new HostileFiles(directory);
        this.directory = directory;
    }

    /** A state of one number. */
    private static final class Counter implements Resumable {
        @Override
        public void saveTo(StateWriter out) {
            out.put("count", 7);
        }

        @Override
        public void restoreFrom(StateReader in) {
            throw new UnsupportedOperationException();
        }
    }

    private static Storage failing(Step step, IOException failure) {
        return Storage.disk().observed((each, path) -> {
            if (each == step) {
                throw failure;
            }
        });
    }

    private void checkpointFails(String key, Step step, String reason) throws IOException {
        Path run = directory.resolve("run-" + key);
        RunCheckpoints.Settings settings = new RunCheckpoints.Settings(java.time.Duration.ZERO, 2, 2, false);
        RunDirectory.create(Storage.disk(), run)
                .checkpoints(settings, note -> {})
                .save(2, new Counter());
        Files.createFile(run.resolve("config.yaml"));
        List<String> notes = new ArrayList<>();
        RunDirectory.open(failing(step, new FileSystemException("x", null, reason)), run)
                .resume(settings, notes::add)
                .save(4, new Counter());
        String shown = notes.get(notes.size() - 1).replaceAll("/\\.step-000004[^/:]*", "/step-000004");
        HostileCase.of(key).isShownBy(new CommandRun(0, "", shown.replace("run-" + key, "run")), directory);
        try (Stream<Path> left = Files.list(run.resolve("checkpoints"))) {
            assertThat(left.map(file -> file.getFileName().toString())).containsExactly("step-000002");
        }
    }

    @Test
    void aFullDiskCostsACheckpoint() throws IOException {
        checkpointFails("37a", Step.WRITE, "No space left on device");
    }

    @Test
    void aQuotaCostsACheckpoint() throws IOException {
        checkpointFails("37b", Step.WRITE, "Disk quota exceeded");
    }

    @Test
    void theEndOfInodesCostsACheckpoint() throws IOException {
        checkpointFails("37c", Step.CREATE, "No space left on device");
    }

    @Test
    void whereNothingCanBeWrittenIsSaidBeforeAnythingIsRead() {
        files.write("rows.jsonl", "{\"prompt\":\"p\",\"completion\":\"c\"}\n");
        String sft = "sft train --model @absent --data @rows.jsonl --out @";
        files.shows("38a", sft + "rows.jsonl/run");
        files.shows("38b", sft + "n".repeat(300), text -> text.replaceAll("n{300}", "nnn..."));
        Throwable closed = catchThrowable(() -> RunDirectory.requireFresh(
                failing(Step.CREATE_DIRECTORY, new AccessDeniedException("x")), directory.resolve("run")));
        HostileCase.of("38c").isShownBy(FailureLines.of("rlhf sft train", closed), directory);
        Throwable readOnly = catchThrowable(() -> RunDirectory.requireFresh(
                failing(Step.CREATE_DIRECTORY, new FileSystemException("x", null, "Read-only file system")),
                directory.resolve("run")));
        HostileCase.of("38d").isShownBy(FailureLines.of("rlhf sft train", readOnly), directory);
    }

    @Test
    void namesMayBeStrange() {
        files.model("model");
        files.write("rows.jsonl", "{\"prompt\":\"p\",\"completion\":\"c\"}\n");
        CommandRun run = CommandRun.of(
                "sft",
                "train",
                "--model",
                directory.resolve("model"),
                "--data",
                directory.resolve("rows.jsonl"),
                "--out",
                directory.resolve("ein Lauf, äöü, 模型/" + "d".repeat(200) + "/run"),
                "--set",
                "training.maxSteps=1");
        CommandRun shown = new CommandRun(run.code(), run.out().replaceAll("d{200}", "ddd..."), run.err());
        HostileCase.of("38e").isShownBy(shown, directory);
    }
}
