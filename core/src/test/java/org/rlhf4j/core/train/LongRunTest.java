package org.rlhf4j.core.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlhf4j.core.train.Settings.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.run.MetricsLog;
import org.rlhf4j.core.run.RunCheckpoints;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.core.tensor.Torch;

/** Many steps with metrics, evaluations and checkpoints take no more memory and hold no more files than few. */
@Tag("slow")
final class LongRunTest {
    private static final int STEPS = 200_000;
    private static final int LOOKS = 10;
    /** Growth of resident memory over 160,000 steps that is a leak and no noise: 80 bytes a step. */
    private static final long LEAK = 12_800_000;

    /** What the process holds. */
    private record Look(long step, long resident, long handles, long arrays) {}

    @Test
    void twoHundredThousandStepsLeakNothing(@TempDir Path directory, TestReporter reporter) throws IOException {
        List<Look> looks = new ArrayList<>();
        RunDirectory run = RunDirectory.create(Storage.disk(), directory.resolve("run"));
        RunCheckpoints checkpoints =
                run.checkpoints(new RunCheckpoints.Settings(Duration.ZERO, 1000, 2, true), note -> {});
        try (LinearRegression task = new LinearRegression(32, 1);
                MetricsLog metrics = run.metrics()) {
            TrainingConfig config = config().maxSteps(STEPS)
                    .batch(8, 4)
                    .logging(100)
                    .evalSteps(500)
                    .keepBest("eval_loss")
                    .build();
            task.beforeLoss = task.seen::clear;
            TrainingResult result = new TrainingLoop(task, task.parameters, config)
                    .run(RunHooks.NONE.metrics(metrics).checkpoints(checkpoints).progress(new Progress() {
                        @Override
                        public void step(Step step) {
                            if (step.step() % (STEPS / LOOKS) == 0) {
                                looks.add(look(step.step()));
                            }
                        }
                    }));
            assertThat(result.steps()).isEqualTo(STEPS);
        }
        looks.forEach(look -> reporter.publishEntry(look.toString()));
        Look early = looks.get(1);
        Look late = looks.get(LOOKS - 1);
        // The virtual machine opens a file of its own now and then.
        assertThat(late.handles).isLessThanOrEqualTo(early.handles + 1);
        assertThat(late.arrays).isEqualTo(early.arrays);
        assertThat(late.resident - early.resident).isLessThan(LEAK);
    }

    private static Look look(long step) {
        try (Stream<Path> handles = Files.list(Path.of("/proc/self/fd"));
                Stream<String> status = Files.lines(Path.of("/proc/self/status"))) {
            long resident = status.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElseThrow();
            long arrays = Torch.call(() -> Torch.manager().getManagedArrays().size());
            return new Look(step, resident, handles.count(), arrays);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
