package org.rlhf4j.integration.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.SeededStream;

/** {@code kill} on a training: SIGTERM. */
class TerminationTest {
    @TempDir
    private Path directory;

    @Test
    void aTrainingThatIsAskedToEndLeavesACheckpointAndGoesOnToTheSameModel() throws Exception {
        TinyTraining training = TinyTraining.sft(directory, 200);
        Path whole = directory.resolve("whole");
        new KilledRun(training, whole, SeededStream.of(1)).finish();

        Path path = directory.resolve("run");
        KilledRun run = new KilledRun(training, path, SeededStream.of(1));
        assertThat(run.terminate(3)).as(run.printed()).isEqualTo(143);
        long steps = run.newest();
        assertThat(steps).isBetween(3L, 199L);
        assertThat(run.printed())
                .contains("SIGTERM: stopping after this step, to write a checkpoint; once more stops at once")
                .contains("interrupted after " + steps + " steps; go on with: rlhf sft train --resume --out " + path);
        assertThat(path.resolve("model")).doesNotExist();
        assertThat(path.resolve("run.owner.json")).doesNotExist();

        run.finish();
        assertThat(run.printed()).contains("going on from " + path.resolve("checkpoints/step-%06d".formatted(steps)));
        assertThat(run.differences(whole)).isEmpty();
    }
}
