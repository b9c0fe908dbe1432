package org.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Json;
import org.rlhf4j.testing.JavaProcess;

/** The script {@code rlhf} over a build that is already there: the class path of these tests. */
class LauncherTest {
    @TempDir
    private Path root;

    private Path run;

    @BeforeEach
    void checkout() throws IOException {
        Files.copy(Path.of(System.getProperty("rlhf4j.root", ".."), "rlhf"), root.resolve("rlhf"));
        Path target = Files.createDirectories(root.resolve("cli/target"));
        List<String> java = new JavaProcess().command("Main");
        Files.writeString(target.resolve("rlhf.classpath"), java.get(java.indexOf("-cp") + 1));
        Files.createFile(target.resolve("rlhf.jar"));
        run = root.resolve("run");
    }

    /** Starts a short training from a shell; its streams go where {@code redirections} say, or to files. */
    private Process train(String redirections) throws IOException {
        List<String> command = new ArrayList<>(
                List.of("sh", "-c", "exec sh ./rlhf \"$@\" > out.txt 2> err.txt " + redirections, "sh"));
        command.addAll(List.of("control", "train", "--env", "CartPole-v1", "--out", run.toString()));
        for (String setting : List.of("totalSteps=4096", "numEnvs=4", "numSteps=64", "ppo.updateEpochs=1")) {
            command.addAll(List.of("--set", setting));
        }
        ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
        String home = System.getProperty("rlhf4j.home");
        builder.environment()
                .put("RLHF4J_JAVA_OPTS", "-XX:TieredStopAtLevel=1" + (home == null ? "" : " -Drlhf4j.home=" + home));
        return builder.start();
    }

    @Test
    void aCrashInNativeCodeSaysWhatHappenedAndHowToGoOn() throws Exception {
        Process process = train("");
        try {
            while (process.isAlive() && !Files.exists(run.resolve("metrics.jsonl"))) {
                Thread.sleep(5);
            }
            new ProcessBuilder("kill", "-SEGV", Long.toString(process.pid()))
                    .start()
                    .waitFor();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        // 128 + SIGABRT, with which the virtual machine ends after its report.
        assertThat(process.exitValue()).isEqualTo(134);
        String report = "hs_err_pid" + process.pid() + ".log";
        assertThat(root.resolve(report)).isNotEmptyFile();
        assertThat(Files.readString(root.resolve("err.txt")))
                .contains("rlhf: process " + process.pid() + " crashed in native code")
                .contains(report)
                .contains("a training run goes on with the same command and --resume");
        assertThat(run.resolve("policy")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {">&- 2>&-", "> /dev/full 2> /dev/full", "| true"})
    void aTrainingDoesNotNeedItsConsole(String redirections) throws Exception {
        Process process = train(redirections);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(run.resolve("policy")).isDirectory();
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(16).allSatisfy(line -> Json.parse(line));
    }
}
