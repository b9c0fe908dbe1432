package org.rlhf4j.cli.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.cli.Main;
import org.rlhf4j.testing.JavaProcess;

/** Signals to a process that trains, case 35. */
class HostileSignalTest {
    private final HostileFiles files;
    private final Path directory;

    HostileSignalTest(@TempDir Path directory) {
        this.files = new HostileFiles(directory);
        this.directory = directory;
    }

    @BeforeEach
    void rows() {
        files.model("model");
        files.write("rows.jsonl", "{\"prompt\":\"p\",\"completion\":\"c\"}\n");
    }

    /** Trains without end until the signals have ended it. */
    private CommandRun trainUntil(String... signals) throws IOException, InterruptedException {
        Path shown = directory.resolve("shown");
        Process process = new JavaProcess()
                .option("-Drlhf4j.threads=1")
                .option("-XX:-CreateCoredumpOnCrash")
                .option("-XX:ErrorFile=" + directory.resolve("hs_err.log"))
                .start(
                        ProcessBuilder.Redirect.to(shown.toFile()),
                        Main.class.getName(),
                        files.words("sft train --model @model --data @rows.jsonl --out @run --checkpoint-steps 5"
                                + " --set training.maxSteps=1000000"));
        try {
            while (!Files.exists(directory.resolve("run/checkpoints/step-000005"))) {
                assertThat(process.isAlive()).as(Files.readString(shown)).isTrue();
                Thread.sleep(20);
            }
            for (String signal : signals) {
                new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                        .start()
                        .waitFor();
            }
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String out = Files.readString(shown).replaceAll("after \\d+ steps", "after N steps");
        return new CommandRun(process.exitValue(), out, "");
    }

    @Test
    void aRequestToStopLeavesACheckpointAndSaysHowToGoOn() throws Exception {
        HostileCase.of("35a").isShownBy(trainUntil("TERM"), directory);
        assertThat(directory.resolve("run/model")).doesNotExist();
        CommandRun resumed =
                files.run("sft train --resume --out @run --set training.maxSteps=1 --allow-changed training"
                        + " --allow-changed platform.threads");
        assertThat(resumed.err()).contains("going on from");
    }

    @Test
    void aCrashInNativeCodeLosesNoCheckpoint() throws Exception {
        HostileCase.of("43a").isShownBy(trainUntil("SEGV"), directory);
        assertThat(directory.resolve("run/model")).doesNotExist();
        CommandRun resumed =
                files.run("sft train --resume --out @run --set training.maxSteps=1 --allow-changed training"
                        + " --allow-changed platform.threads");
        assertThat(resumed.err()).contains("going on from");
    }

    @Test
    @Tag("slow")
    void ctrlCIsSuchARequest() throws Exception {
        HostileCase.of("35b").isShownBy(trainUntil("INT"), directory);
    }

    @Test
    @Tag("slow")
    void aTerminalThatIsClosedIsSuchARequest() throws Exception {
        HostileCase.of("35c").isShownBy(trainUntil("HUP"), directory);
    }
}
