package org.rlhf4j.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.cli.CommandRun;

/** No data command loses what it reads, or takes an option twice. */
class DataSafetyTest {
    private static final String ROWS = """
            {"prompt":"Name a tree.","chosen":"An oak.","rejected":"A stone."}
            {"prompt":"Name a bird.","chosen":"A robin.","rejected":"A bat."}
            """;

    private final Path directory;
    private final Path rows;

    DataSafetyTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.rows = Files.writeString(directory.resolve("rows.jsonl"), ROWS);
    }

    @Test
    void whatIsReadIsNotWritten() throws IOException {
        Path link = Files.createLink(directory.resolve("link.jsonl"), rows);
        Path other = directory.resolve("other.jsonl");
        requireRefused("convert", "--in", rows, "--out", rows);
        requireRefused("convert", "--in", directory, "--out", rows);
        requireRefused("convert", "--in", rows, "--out", link);
        requireRefused("clean", "--in", rows, "--out", rows, "--step", "drop-ties");
        requireRefused("clean", "--in", rows, "--out", other, "--removed", rows, "--step", "drop-ties");
        requireRefused("split", rows, "--train", rows, "--test", other, "--fraction", "0.5");
        requireRefused("split", rows, "--train", other, "--test", rows, "--fraction", "0.5");
        assertThat(other).doesNotExist();
    }

    private void requireRefused(Object... arguments) {
        Object[] command = new Object[arguments.length + 1];
        command[0] = "data";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        CommandRun run = CommandRun.of(command);
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(" is read, so it cannot be written too; name another file");
        assertThat(rows).hasContent(ROWS.stripTrailing());
    }

    @Test
    void aFieldIsNamedOnce() {
        CommandRun run = CommandRun.of("data", "check", rows, "--column", "prompt=a", "--column", "prompt=b");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--column says twice what prompt is");
        assertThat(CommandRun.of("data", "check", rows, "--with", "codes").err())
                .contains("--with codes must be a name, =, and a value");
    }
}
