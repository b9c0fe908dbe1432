package org.rlhf4j.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageObserver;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.run.RunCheckpoints;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.integration.faults.CrashingStorage.Crash;
import org.rlhf4j.integration.faults.CrashingStorage.Damage;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.data.DemonstrationSet;
import org.rlhf4j.lm.data.LossTokens;
import org.rlhf4j.lm.sft.SftTrainer;
import org.rlhf4j.preference.CompletionChoice;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.read.Preferences;
import org.rlhf4j.preference.read.Rows;

/** Every storage call of two checkpoints of a training fails, or is the last one before the power does. */
@Tag("slow")
class CheckpointFaultTest {
    private static final int STEPS = 3;

    /** One after every step; the one before goes then. */
    private static final RunCheckpoints.Settings EVERY_STEP = new RunCheckpoints.Settings(Duration.ZERO, 1, 1, false);

    @TempDir
    private Path directory;

    private Path start;
    private Path data;
    private String expected;

    @BeforeEach
    void whole() throws IOException {
        TinyTraining sft = TinyTraining.sft(directory, STEPS);
        start = Path.of(sft.arguments().get(3));
        data = Path.of(sft.arguments().get(5));
        expected = trained(RunHooks.NONE);
    }

    /** Trains; gives the SHA-256 of the weights. */
    private String trained(RunHooks hooks) throws IOException {
        TrainingConfig config = config();
        Path target = directory.resolve("result");
        try (LanguageModel model = LanguageModel.open(start);
                Rows<Demonstration> rows = Preferences.readDemonstrations(data, CompletionChoice.BEST)) {
            DemonstrationSet set = DemonstrationSet.encode(rows, model.encoder(), LossTokens.COMPLETION);
            new SftTrainer(model, config).train(set.rows(), List.of(), hooks);
            model.save(target);
            return Storage.sha256(target.resolve("model.safetensors"));
        } finally {
            delete(target);
        }
    }

    private static void delete(Path tree) throws IOException {
        if (Files.exists(tree)) {
            Storage.disk().deleteTree(tree);
        }
    }

    private RunDirectory fresh(Storage storage) throws IOException {
        Path run = directory.resolve("run");
        delete(run);
        RunDirectory.create(Storage.disk(), run).writeConfig(config());
        return RunDirectory.open(storage, run);
    }

    /** What the newest checkpoint is, and that the training ends from there as expected. */
    private long resumed(List<String> notes) throws IOException {
        RunDirectory run = RunDirectory.open(Storage.disk(), directory.resolve("run"));
        RunCheckpoints checkpoints = run.resume(EVERY_STEP, notes::add);
        long step = checkpoints.resumed().map(StateReader::step).orElse(0L);
        assertThat(trained(RunHooks.NONE.checkpoints(checkpoints))).isEqualTo(expected);
        return step;
    }

    @Test
    void whicheverCallFailsTheRunEndsAsIfItHadNotAndItsCheckpointsServe(TestReporter reporter) throws IOException {
        int cases = 0;
        for (boolean forGood : new boolean[] {false, true}) {
            Fault fault = new Fault(Integer.MAX_VALUE, forGood);
            for (int at = 1; at == 1 || fault.failed; at++) {
                fault = new Fault(at, forGood);
                List<String> notes = new ArrayList<>();
                RunCheckpoints checkpoints =
                        fresh(Storage.disk().observed(fault)).checkpoints(EVERY_STEP, notes::add);
                assertThat(trained(RunHooks.NONE.checkpoints(checkpoints))).isEqualTo(expected);
                List<String> whenResumed = new ArrayList<>();
                assertThat(resumed(whenResumed)).as("call %d", at).isGreaterThanOrEqualTo(checkpoints.lastStep());
                assertThat(whenResumed).as("call %d", at).isEmpty();
                if (fault.failed) {
                    assertThat(notes).as("call %d", at).isNotEmpty();
                    cases++;
                }
            }
        }
        reporter.publishEntry("storage calls that failed", cases + ", 0 differences");
        assertThat(cases).isGreaterThan(2 * 50);
    }

    @Test
    void wheneverThePowerFailsTheCheckpointBeforeOrTheNewOneServes(TestReporter reporter) throws IOException {
        int cases = 0;
        for (Damage damage : Damage.values()) {
            for (boolean loseNames : new boolean[] {false, true}) {
                // In the first checkpoint, in the second, and in the deletion of the first.
                long last = 0;
                for (int at = 1; last < 2; at++) {
                    CrashingStorage storage = new CrashingStorage(at);
                    last = crash(storage);
                    storage.losePower(damage, loseNames);
                    List<String> notes = new ArrayList<>();
                    assertThat(resumed(notes))
                            .as("%s at call %d, names lost: %s", damage, at, loseNames)
                            .isIn(last, last + 1);
                    assertThat(notes).isEmpty();
                    cases++;
                }
            }
        }
        reporter.publishEntry("power failures", cases + ", 0 differences");
        assertThat(cases).isGreaterThan(10 * 50);
    }

    /** Trains until the power fails; gives the step of the last checkpoint that was done. */
    private long crash(CrashingStorage storage) throws IOException {
        RunCheckpoints checkpoints = fresh(storage).checkpoints(EVERY_STEP, note -> {});
        assertThatThrownBy(() -> trained(RunHooks.NONE.checkpoints(checkpoints)))
                .isInstanceOf(Crash.class);
        return checkpoints.lastStep();
    }

    private static TrainingConfig config() {
        return new TrainingConfig(1, STEPS, 2, 1, true, false, 1, 1, 0, null, OptimizerConfig.defaults(0.003));
    }

    /** Fails one call, or that and every later one. */
    private static final class Fault implements StorageObserver {
        private final int at;
        private final boolean forGood;
        private int calls;
        private boolean failed;

        Fault(int at, boolean forGood) {
            this.at = at;
            this.forGood = forGood;
        }

        @Override
        public void before(Step step, Path path) throws IOException {
            calls++;
            if (calls == at || (forGood && calls > at)) {
                failed = true;
                throw new IOException("injected at " + step);
            }
        }
    }
}
