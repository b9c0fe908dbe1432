package org.rlhf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    @TempDir
    private Path folder;

    @Test
    void helpAndVersionGoToStandardOutput() {
        CommandRun help = CommandRun.of("--help");
        assertThat(help.code()).isZero();
        assertThat(help.out()).contains("quickstart", "data", "model", "reward", "score", "Exit codes:");
        assertThat(help.err()).isEmpty();
        for (String command : new String[] {"data convert", "model create", "reward train", "reward eval", "score"}) {
            CommandRun one = CommandRun.of((Object[]) (command + " --help").split(" ", -1));
            assertThat(one.code()).as(command).isZero();
            assertThat(one.out()).as(command).startsWith("Usage: rlhf " + command);
        }
        CommandRun version = CommandRun.of("--version");
        assertThat(version.code()).isZero();
        assertThat(version.out()).contains("rlhf");
    }

    @Test
    void unknownCommandsAndOptionsAreRefusedWithTheNearest() {
        CommandRun command = CommandRun.of("quickstrat");
        assertThat(command.code()).isEqualTo(2);
        assertThat(command.err()).contains("quickstrat").contains("quickstart").hasLineCount(1);

        CommandRun option = CommandRun.of("score", "--modle", "m");
        assertThat(option.code()).isEqualTo(2);
        assertThat(option.err())
                .contains("unknown option \"--modle\", did you mean \"--model\"?")
                .endsWith("(see rlhf score --help)\n")
                .hasLineCount(1);

        CommandRun value = CommandRun.of("quickstart", "--seed", "one");
        assertThat(value.code()).isEqualTo(2);
        assertThat(value.err()).contains("--seed").hasLineCount(1);
        assertThat(command.out() + option.out() + value.out()).isEmpty();
    }

    @Test
    void aMissingCommandOrOptionIsWrongUse() {
        CommandRun none = CommandRun.of();
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).hasLineCount(1);
        CommandRun group = CommandRun.of("reward");
        assertThat(group.code()).isEqualTo(2);
        CommandRun model = CommandRun.of("score");
        assertThat(model.code()).isEqualTo(2);
        assertThat(model.err()).contains("--model").hasLineCount(1);
    }

    @Test
    void exitCodesTellWhatHappened() throws IOException {
        Path good = Files.writeString(
                folder.resolve("good.jsonl"), "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\"}\n");
        Path bad = Files.writeString(
                folder.resolve("bad.jsonl"), "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"a\"}\n");
        assertThat(CommandRun.of("data", "check", good).code()).isZero();
        assertThat(CommandRun.of("data", "check", folder.resolve("none")).code())
                .isEqualTo(1);
        assertThat(CommandRun.of("data", "check").code()).isEqualTo(2);
        assertThat(CommandRun.of("data", "check", bad).code()).isEqualTo(3);
    }

    @Test
    void aFailureIsOneLineAndItsStackOnRequest() {
        Path absent = folder.resolve("none");
        CommandRun plain = CommandRun.of("score", "--model", absent);
        assertThat(plain.code()).isEqualTo(1);
        assertThat(plain.err())
                .startsWith("rlhf score: ")
                .contains(absent.toString())
                .hasLineCount(1);

        CommandRun verbose = CommandRun.of("score", "--model", absent, "--verbose");
        assertThat(verbose.code()).isEqualTo(1);
        assertThat(verbose.err()).startsWith(plain.err()).contains("DataFormatException", "\tat org.rlhf4j.");
    }

    @Test
    void theCompletionScriptKnowsTheCommands() {
        CommandRun run = CommandRun.of("completion");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("complete -F", "quickstart", "--on-error", "--chat-format");
        assertThat(run.err()).isEmpty();
    }
}
