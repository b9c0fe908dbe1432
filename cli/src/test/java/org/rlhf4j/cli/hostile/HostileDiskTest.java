package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageObserver;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.cli.FailureLines;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.run.MetricsLog;
import org.rlhf4j.core.run.RunCheckpoints;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.data.DemonstrationSet;
import org.rlhf4j.lm.data.LossTokens;
import org.rlhf4j.lm.sft.SftTrainer;
import org.rlhf4j.preference.CompletionChoice;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.read.Preferences;
import org.rlhf4j.preference.read.Rows;

/** Disks that are full, closed or strange, cases 37 and 38; what no test machine has is put into its {@link Storage}. */
class HostileDiskTest {
    private final HostileFiles files;
    private final Path directory;

    HostileDiskTest(@TempDir Path directory) {
        this.files = new HostileFiles(directory);
        this.directory = directory;
    }

    private static Storage failing(StorageObserver.Step step, IOException failure) {
        return Storage.disk().observed((each, path) -> {
            if (each == step) {
                throw failure;
            }
        });
    }

    /** The console of a training. */
    private static final class Console implements Progress {
        private final StringBuilder notes = new StringBuilder();
        private long made;

        void note(String text) {
            notes.append(text).append('\n');
        }

        @Override
        public void step(Step step) {
            made = step.step();
        }

        @Override
        public void warned(long step, String text) {
            note("step " + step + ": " + text);
        }
    }

    /** Fine-tunes for six steps; nothing in the run directory can be written from the fourth step up to the fifth. */
    private CommandRun train(String name, boolean fails, StorageObserver.Step failing, String reason)
            throws IOException {
        Path path = directory.resolve(name);
        Console console = new Console();
        Storage storage = Storage.disk().observed((step, file) -> {
            if (fails && step == failing && console.made >= 4 && console.made < 6) {
                throw new FileSystemException("x", null, reason);
            }
        });
        TrainingConfig config = ConfigReader.of(TrainingConfig.defaults(1e-3))
                .overrides(List.of("maxSteps=6", "batchSize=1", "microBatchSize=1", "loggingSteps=5"))
                .read();
        RunDirectory run = RunDirectory.create(storage, path);
        try (LanguageModel model = LanguageModel.open(directory.resolve("model"));
                MetricsLog metrics = run.metrics();
                Rows<Demonstration> rows =
                        Preferences.readDemonstrations(directory.resolve("rows.jsonl"), CompletionChoice.BEST)) {
            DemonstrationSet set = DemonstrationSet.encode(rows, model.encoder(), LossTokens.COMPLETION);
            RunCheckpoints.Settings settings = new RunCheckpoints.Settings(Duration.ZERO, 2, 9, false);
            RunHooks hooks = RunHooks.NONE
                    .progress(console)
                    .metrics(metrics)
                    .checkpoints(run.checkpoints(settings, console::note));
            new SftTrainer(model, config, false).train(set.rows(), List.of(), hooks);
            model.save(run.model());
        }
        String notes = console.notes.toString().replaceAll("/\\.step-000004[^/:]*", "/step-000004");
        return new CommandRun(0, "", notes);
    }

    private void costsACheckpoint(String key, StorageObserver.Step failing, String reason) throws IOException {
        files.model("model");
        files.write("rows.jsonl", "{\"prompt\":\"p\",\"completion\":\"c\"}\n".repeat(6));
        CommandRun healthy = train("healthy", false, failing, reason);
        assertThat(healthy.err()).isEmpty();
        HostileCase.of(key).isShownBy(train("run", true, failing, reason), directory);
        assertThat(Files.readAllLines(directory.resolve("run/metrics.jsonl"))).hasSize(2);
        for (String file : List.of("metrics.jsonl", "model/model.safetensors")) {
            assertThat(directory.resolve("run").resolve(file))
                    .hasSameBinaryContentAs(directory.resolve("healthy").resolve(file));
        }
        try (Stream<Path> left = Files.list(directory.resolve("run/checkpoints"))) {
            assertThat(left.map(file -> file.getFileName().toString()))
                    .contains("step-000002", "step-000006")
                    .doesNotContain("step-000004");
        }
    }

    @Test
    void aFullDiskCostsACheckpoint() throws IOException {
        costsACheckpoint("37a", StorageObserver.Step.WRITE, "No space left on device");
    }

    @Test
    void aQuotaCostsACheckpoint() throws IOException {
        costsACheckpoint("37b", StorageObserver.Step.WRITE, "Disk quota exceeded");
    }

    @Test
    void theEndOfInodesCostsACheckpoint() throws IOException {
        costsACheckpoint("37c", StorageObserver.Step.CREATE, "No space left on device");
    }

    @Test
    void whereNothingCanBeWrittenIsSaidBeforeAnythingIsRead() {
        files.write("rows.jsonl", "{\"prompt\":\"p\",\"completion\":\"c\"}\n");
        String sft = "sft train --model @absent --data @rows.jsonl --out @";
        files.shows("38a", sft + "rows.jsonl/run");
        files.shows("38b", sft + "n".repeat(300), text -> text.replaceAll("n{300}", "nnn..."));
        Throwable closed = catchThrowable(() -> RunDirectory.requireFresh(
                failing(StorageObserver.Step.CREATE_DIRECTORY, new AccessDeniedException("x")),
                directory.resolve("run")));
        HostileCase.of("38c").isShownBy(FailureLines.of("rlhf sft train", closed), directory);
        Throwable readOnly = catchThrowable(() -> RunDirectory.requireFresh(
                failing(
                        StorageObserver.Step.CREATE_DIRECTORY,
                        new FileSystemException("x", null, "Read-only file system")),
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
