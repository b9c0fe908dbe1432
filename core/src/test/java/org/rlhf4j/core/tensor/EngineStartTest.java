package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.testing.JavaProcess;

/** Each in a process of its own, because the engine of a process starts once. */
class EngineStartTest {
    private static String[] linesOf(JavaProcess.Result result) {
        return result.output().lines().toArray(String[]::new);
    }

    @Test
    void startsFromTheUnpackedLibraryWithoutAWordOnTheConsole() {
        JavaProcess.Result result = new JavaProcess().run(StartEngine.class);
        assertThat(result.exitCode()).isZero();
        assertThat(linesOf(result)).hasSize(1).allMatch(line -> line.startsWith("started PyTorch 2.7.1"));
    }

    @Test
    void theNumberOfThreadsCanBeSet() {
        JavaProcess.Result result =
                new JavaProcess().option("-Drlhf4j.threads=1").run(StartEngine.class);
        assertThat(result.output()).contains("1 thread");
    }

    @Test
    void aBadNumberOfThreadsIsOneClearLine() {
        JavaProcess.Result result =
                new JavaProcess().option("-Drlhf4j.threads=many").run(StartEngine.class);
        assertThat(linesOf(result))
                .containsExactly(
                        "EngineStartException: RLHF4J_THREADS is \"many\": give a number of threads, 1 or more");
    }

    @Test
    void aHomeThatCannotBeWrittenIsOneClearLine(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");
        JavaProcess.Result result = new JavaProcess()
                .option("-Drlhf4j.home=" + file.resolve("home"))
                .run(StartEngine.class);
        assertThat(linesOf(result)).hasSize(1);
        assertThat(result.output())
                .startsWith("EngineStartException: cannot write to " + file.resolve("home"))
                .contains("set RLHF4J_HOME to another directory");
    }

    @Test
    void aMissingNativeLibraryIsOneClearLineThatNamesThePlatform() {
        JavaProcess.Result result =
                new JavaProcess().withoutJar("pytorch-native-cpu").run(StartEngine.class);
        assertThat(linesOf(result)).hasSize(1);
        assertThat(result.output())
                .startsWith("EngineStartException: no PyTorch library for ")
                .contains("ai.djl.pytorch:pytorch-native-cpu:2.7.1");
    }

    @Test
    void tooLittleSpaceIsOneClearLine() {
        assertThat(EngineStart.tooLittleSpace(Path.of("cache"), 700L << 20))
                .hasValueSatisfying(reason ->
                        assertThat(reason).startsWith("cache has 700 MB free").contains("1024 MB"));
        assertThat(EngineStart.tooLittleSpace(Path.of("cache"), 1L << 30)).isEmpty();
    }

    @Test
    void aDamagedLibraryIsOneClearLine(@TempDir Path home) throws IOException {
        // A cache that looks unpacked, with a file that is no library.
        Path cache = Files.createDirectories(home.resolve("pytorch").resolve(EngineStart.unpackedFolder()));
        Files.writeString(cache.resolve(System.mapLibraryName("torch")), "not a library");
        JavaProcess.Result result =
                new JavaProcess().option("-Drlhf4j.home=" + home).run(StartEngine.class);
        // The virtual machine itself adds a warning about the file.
        String[] lines = linesOf(result);
        assertThat(lines[lines.length - 1])
                .startsWith("EngineStartException: the PyTorch engine does not start: ")
                .contains("delete it to unpack again");
    }
}
