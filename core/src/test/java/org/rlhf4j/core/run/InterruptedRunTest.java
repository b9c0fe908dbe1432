package org.rlhf4j.core.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageObserver.Step;
import org.rlhf4j.core.checkpoint.CheckpointStore;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.optim.BadStep;
import org.rlhf4j.core.optim.NonFiniteException;
import org.rlhf4j.core.train.TrainingConfig;

/** What a run directory looks like after a kill at an unlucky moment, and that the run can still be started or go on. */
final class InterruptedRunTest {
    private static final RunCheckpoints.Settings SETTINGS = new RunCheckpoints.Settings(Duration.ZERO, 1, 2, false);
    private static final List<String> COMMAND = List.of("rlhf", "sft", "train");

    private final Path directory;
    private final Path metrics;
    private final List<String> notes = new ArrayList<>();

    InterruptedRunTest(@TempDir Path directory) {
        this.directory = directory.resolve("run");
        this.metrics = this.directory.resolve("metrics.jsonl");
    }

    private RunDirectory run() throws IOException {
        return RunDirectory.create(Storage.disk(), directory);
    }

    private Path checkpoint(long step) throws IOException {
        Path target = directory.resolve("checkpoints").resolve(CheckpointStore.name(step));
        CheckpointStore.write(Storage.disk(), target, step, new StateWriter(), List.of(metrics));
        return target;
    }

    private List<String> names() throws IOException {
        return Storage.list(directory).stream()
                .map(path -> String.valueOf(path.getFileName()))
                .toList();
    }

    @Test
    void aStartThatWasKilledDoesNotBlockTheNext() throws IOException {
        Files.createDirectories(directory);
        Files.createFile(directory.resolve("run.lock"));
        for (String name : List.of("config.yaml", "run.owner.json")) {
            Files.createFile(Storage.temporary(directory.resolve(name)));
        }
        Files.createDirectory(Storage.temporary(directory.resolve("run")));
        RunDirectory.requireFresh(directory);
        try (RunLock lock = run().lock(COMMAND)) {
            assertThat(lock.note()).isEmpty();
            assertThat(names()).containsExactlyInAnyOrder("run.lock", "run.owner.json");
        }
    }

    @Test
    void twoStartsDoNotRefuseEachOther() throws IOException {
        Files.createDirectories(directory);
        // The other start looks while the first one tries the directory, and the lock's holder cleans up.
        Storage watched = Storage.disk().observed((step, path) -> {
            if (step == Step.DELETE) {
                RunDirectory.requireFresh(directory);
                try (RunLock lock = run().lock(COMMAND)) {
                    assertThat(lock.note()).isEmpty();
                }
            }
        });
        RunDirectory.requireFresh(watched, directory);
        assertThat(names()).containsExactly("run.lock");
    }

    @Test
    void aRunThatBeganMeanwhileIsNotWrittenOver() throws IOException {
        RunDirectory late = run();
        RunDirectory first = run();
        try (RunLock lock = first.lock(COMMAND)) {
            assertThat(lock.note()).isEmpty();
            first.writeConfig(TrainingConfig.defaults(1e-4));
        }
        assertThatThrownBy(() -> late.lock(COMMAND))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is not empty");
        try (RunLock again = RunDirectory.open(Storage.disk(), directory).lock(COMMAND)) {
            assertThat(again.note()).isEmpty();
        }
    }

    @Test
    void directoriesAboveARunSurviveAPowerLoss() throws IOException {
        List<Path> synced = new ArrayList<>();
        Storage watched = Storage.disk().observed((step, path) -> {
            if (step == Step.SYNC_DIRECTORY) {
                synced.add(path);
            }
        });
        RunDirectory.create(watched, directory.resolve("a/b"));
        assertThat(synced).containsExactly(directory.getParent(), directory, directory.resolve("a"));
    }

    @Test
    void logsWithoutACheckpointAreKeptUnderFreeNames() throws IOException {
        RunDirectory run = run();
        for (String lines : List.of("first\n", "second\n")) {
            Files.writeString(metrics, lines);
            Files.writeString(directory.resolve("samples.jsonl"), "");
            assertThat(run.resume(SETTINGS, notes::add).resumed()).isEmpty();
            assertThat(metrics).doesNotExist();
        }
        assertThat(directory.resolve("metrics.jsonl.changed")).hasContent("first");
        assertThat(directory.resolve("metrics.jsonl.changed-2")).hasContent("second");
        assertThat(notes)
                .containsExactly(
                        metrics + " belongs to no checkpoint: it is kept as metrics.jsonl.changed, and begins anew",
                        metrics + " belongs to no checkpoint: it is kept as metrics.jsonl.changed-2, and begins anew");
    }

    @Test
    void whereAllCheckpointsAreDamagedTheLogsStayAsTheyAre() throws IOException {
        RunDirectory run = run();
        Files.writeString(metrics, "first\n");
        Files.writeString(checkpoint(1).resolve("state.json"), "{}");
        assertThatThrownBy(() -> run.resume(SETTINGS, notes::add))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no checkpoint in " + directory.resolve("checkpoints") + " can be used");
        assertThat(metrics).hasContent("first");
        assertThat(names()).containsExactlyInAnyOrder("checkpoints", "metrics.jsonl");
    }

    @Test
    void everyChangedLogIsKeptAndOneThatIsCutOffIsRestored() throws IOException {
        RunDirectory run = run();
        Files.writeString(metrics, "1\n2\n");
        checkpoint(2);
        for (String changed : List.of("mine\n", "1\n3\n", "1\n2", "1\n2\n3\n")) {
            Files.writeString(metrics, changed);
            run.resume(SETTINGS, notes::add);
            assertThat(metrics).hasContent("1\n2\n");
        }
        assertThat(directory.resolve("metrics.jsonl.changed")).hasContent("mine");
        assertThat(directory.resolve("metrics.jsonl.changed-2")).hasContent("1\n3");
        assertThat(names())
                .containsExactlyInAnyOrder(
                        "checkpoints", "metrics.jsonl", "metrics.jsonl.changed", "metrics.jsonl.changed-2");
        assertThat(notes)
                .hasSize(2)
                .allMatch(note -> note.startsWith(metrics + " is not what the run wrote up to step 2: "));
    }

    @Test
    void aHalfDumpIsMadeAgainAndLeftoversOfDumpsGo() throws IOException {
        RunDirectory run = run();
        run.writeConfig(TrainingConfig.defaults(1e-4));
        RunDumps dumps = run.dumps(notes::add);
        Path half = dumps.of(7);
        CheckpointStore.write(Storage.disk(), half, 6, new StateWriter().put("a", 1), List.of());
        Path leftover = Files.createDirectories(Storage.temporary(half.resolveSibling("step-000008")));
        run.resume(SETTINGS, notes::add);
        assertThat(leftover).doesNotExist();
        dumps.bad(bad(7), null);
        assertThat(half.toFile().list()).containsExactly("problem.json");
        assertThat(notes).containsExactly("the bad step is kept; repeat it with: rlhf replay " + half);
    }

    @Test
    void aDumpIsThereWithItsProblemOrNotAtAll() throws IOException {
        RunDirectory.create(Storage.disk(), directory);
        Files.writeString(metrics, "1\n");
        Path target = directory.resolve("dumps").resolve(CheckpointStore.name(7));
        for (boolean checkpoint : new boolean[] {false, true}) {
            if (checkpoint) {
                checkpoint(6);
            }
            Storage watched = Storage.disk().observed((step, path) -> {
                if (Files.exists(target)) {
                    assertThat(target.resolve("problem.json"))
                            .as("%s %s", step, path)
                            .exists();
                }
            });
            dumps(watched).bad(bad(7), null);
            assertThat(target.resolve("problem.json")).exists();
            assertThat(target.resolve("state.json").toFile().exists()).isEqualTo(checkpoint);
            Storage.disk().deleteTree(target);
        }
    }

    private RunDumps dumps(Storage storage) {
        CheckpointStore checkpoints = new CheckpointStore(storage, directory.resolve("checkpoints"), 1);
        return new RunDumps(storage, directory.resolve("dumps"), checkpoints, List.of(metrics), notes::add);
    }

    private static BadStep bad(long step) {
        return new BadStep(NonFiniteException.of(step, "loss", new int[] {1}), () -> {
            throw new IllegalStateException("no diagnosis");
        });
    }
}
