package org.rlhf4j.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.cli.Main;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.testing.JavaProcess;

class DoctorCommandTest {
    @TempDir
    private Path folder;

    @Test
    void thisMachineTrains() throws IOException {
        CommandRun run = CommandRun.of("doctor", folder, "--json");
        assertThat(run.code()).as(run.out()).isZero();
        assertThat(run.json().path("problems").intValue()).isZero();
        List<String> names = new ArrayList<>();
        for (JsonNode check : run.json().path("checks")) {
            names.add(check.path("check").textValue());
            assertThat(check.path("level").textValue()).isIn("ok", "warning");
            assertThat(check.path("text").textValue()).isNotBlank();
        }
        assertThat(names)
                .containsExactly(
                        "java",
                        "memory",
                        "runs",
                        "home",
                        "temporary files",
                        "locks",
                        "sync",
                        "clock",
                        "locale",
                        "library",
                        "device",
                        "threads");
        assertThat(run.out())
                .contains("ok       runs: " + folder + " can be written, ")
                .contains("library: PyTorch 2.7.1")
                .contains("12 checks, 0 problems, ");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsAProblemWithARemedy() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        CommandRun run = CommandRun.of("doctor", file);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out())
                .contains("problem  runs: " + file + " cannot be written (FileAlreadyExistsException): name another")
                .contains("problem  locks: not checked, nothing can be written here")
                .contains("problem  sync: ")
                .contains("12 checks, 3 problems, ");
    }

    @Test
    void aMissingNativeLibraryIsOneLine() {
        JavaProcess.Result result =
                new JavaProcess().withoutJar("pytorch-native-cpu").run(Main.class, "doctor", folder.toString());
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.output())
                .contains("problem  library: no PyTorch library for ")
                .contains("ai.djl.pytorch:pytorch-native-cpu:2.7.1")
                .contains(" problems, ")
                .doesNotContain("\tat ")
                .hasLineCount(13);
    }

    @Test
    void aCheckThatFailsItselfKeepsNoneOfTheOthersBack() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(InputStream.nullInputStream(), stream, stream, false);
        int code = new DoctorCommand(terminal)
                .report(List.of(
                        () -> {
                            throw new IllegalStateException("no such thing");
                        },
                        () -> Finding.warning("clock", "slow")));
        assertThat(code).isEqualTo(1);
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
                problem  doctor: a check failed: no such thing
                warning  clock: slow
                2 checks, 1 problem, 1 warning
                """);
    }
}
