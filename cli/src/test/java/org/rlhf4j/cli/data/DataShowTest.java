package org.rlhf4j.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.cli.Main;
import org.rlhf4j.cli.console.Terminal;

class DataShowTest {
    private static final String PAIRS = """
            {"prompt":"Name a tree.","chosen":"A tall oak.","rejected":"A grey stone."}
            {"prompt":"Name a bird.","chosen":"A robin </s>.","rejected":"A bat."}
            {"prompt":"Name a fish.","chosen":"A small carp."}
            """;

    private final Path directory;

    DataShowTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void rowsAreShownWithoutColoursInAFileOrPipe() {
        CommandRun result = CommandRun.withInput(PAIRS, "data", "show", "-", "--row", "1", "--width", "64");
        assertThat(result.code()).isZero();
        assertThat(result.out()).isEqualTo("""
                \u2501\u2501 standard input:1 \u00B7 pair 1
                prompt
                Name a tree.

                chosen                         \u2502 rejected
                A {+tall oak+}.                \u2502 A [-grey stone-].

                """);
        assertThat(result.err()).isEqualTo("1 row\n");
    }

    @Test
    void coloursComeOnATerminalAndWhereTheyAreAskedFor() {
        assertThat(CommandRun.withInput(PAIRS, "data", "show", "-", "--color", "always")
                        .out())
                .contains("\u001b[32mtall oak\u001b[0m");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new ByteArrayInputStream(PAIRS.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
                true,
                64);
        assertThat(Main.run(terminal, "data", "show", "-", "--limit", "1", "--color", "never"))
                .isZero();
        // The width is the terminal's.
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("chosen                         \u2502 rejected\n")
                .doesNotContain("\u001b");
    }

    @Test
    void onlyRowsWithProblemsAreShownWithTheirRules() {
        CommandRun result = CommandRun.withInput(PAIRS, "data", "show", "-", "--problems");
        assertThat(result.out())
                .doesNotContain("tree")
                .contains("standard input:2", "warning special-token: chosen spells \"</s>\"")
                .contains("standard input:3 \u00B7 row 3\nerror missing-field: field \"rejected\" is missing\n");
        assertThat(result.err()).isEqualTo("2 rows\n");
    }

    @Test
    void rowsAreChosenByRangeAndLimit() {
        CommandRun some = CommandRun.withInput(PAIRS, "data", "show", "-", "--rows", "2-", "--limit", "1");
        assertThat(some.out()).contains("bird").doesNotContain("tree", "fish");
        assertThat(some.err()).isEqualTo("1 row; there are more (--limit, --rows)\n");
        assertThat(CommandRun.withInput(PAIRS, "data", "show", "-", "--rows", "2-1")
                        .err())
                .contains("rows 2 to 1, at most 10: there is nothing to show");
        assertThat(CommandRun.withInput(PAIRS, "data", "show", "-", "--rows", "two")
                        .err())
                .contains("--rows is \"two\", must be two numbers from 1 as in 20-29, 20- or -29");
        assertThat(CommandRun.withInput(PAIRS, "data", "show", "-", "--rows", "1-2", "--row", "1")
                        .code())
                .isEqualTo(2);
        assertThat(CommandRun.withInput(PAIRS, "data", "show", "-", "--width", "5")
                        .err())
                .contains("--width is 5, must be at least 20");
    }

    @Test
    void aPageIsWrittenWhole() throws IOException {
        Path page = directory.resolve("rows.html");
        CommandRun result = CommandRun.withInput(PAIRS, "data", "show", "-", "--html", page);
        assertThat(result.code()).isZero();
        assertThat(result.out()).isEqualTo(page + ": 3 rows\n");
        assertThat(Files.readString(page))
                .startsWith("<!DOCTYPE html>\n<html lang=\"en\"")
                .contains("A <ins>tall oak</ins>.", "<title>-</title>")
                .endsWith("</html>\n");
        assertThat(CommandRun.withInput(PAIRS, "data", "show", "-", "--html", page, "--width", "80")
                        .code())
                .isEqualTo(2);
        assertThat(CommandRun.withInput("{\"a\":1}", "data", "show", "-", "--html", directory.resolve("none"))
                        .code())
                .isEqualTo(1);
        assertThat(directory.resolve("none")).doesNotExist();
    }
}
