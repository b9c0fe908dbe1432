package org.rlhf4j.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.cli.CommandRun;

/** {@code rlhf data convert}: layouts, containers, several inputs. */
class ConvertLayoutsTest {
    private static final String PAIRS = """
            {"prompt":"Name a tree.","chosen":"Oak","rejected":"Rose","margin":1.5}
            {"prompt":"Name a bird.","chosen":"Owl","rejected":"Bat","probability":0.5}
            """;

    private final Path directory;

    ConvertLayoutsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void pairsBecomeKtoRowsInParquetAndComeBack() throws IOException {
        Path in = file("pairs.jsonl", PAIRS);
        Path parquet = directory.resolve("kto.parquet");
        CommandRun written = run("data", "convert", "--in", in, "--out", parquet, "--to", "kto", "--json");
        assertThat(written.code()).isZero();
        assertThat(written.out()).startsWith(parquet + ": 2 rows in, 2 unpaired preferences out\n");
        assertThat(written.err())
                .contains("left out 1 tied pair, of which no completion is preferred")
                .contains("fields not carried over: \"margin\" (1 row)");
        assertThat(written.json().path("ties_dropped").asInt()).isEqualTo(1);

        CommandRun back = run("data", "convert", "--in", parquet, "--out", "-");
        assertThat(back.code()).isZero();
        assertThat(back.out()).isEqualTo("""
                {"prompt":"Name a tree.","completion":"Oak","label":true}
                {"prompt":"Name a tree.","completion":"Rose","label":false}
                """);
    }

    @Test
    void directoriesAndGlobsAreReadAndTheirFilesNamed() throws IOException {
        file("a-0.jsonl", "{\"prompt\":\"1\"}\n");
        file("a-1.csv", "prompt,note\n2,\n");
        file("b.jsonl", "{\"prompt\":\"3\"}\n");
        CommandRun all = run("data", "convert", "--in", directory, "--out", "-", "--to", "prompts");
        assertThat(all.out()).isEqualTo("{\"prompt\":\"1\"}\n{\"prompt\":\"2\"}\n{\"prompt\":\"3\"}\n");
        assertThat(all.err()).contains(directory.resolve("a-1.csv") + ": prompts, 1 row");
        CommandRun some = run("data", "convert", "--in", directory + "/a-*", "--out", "-");
        assertThat(some.out()).isEqualTo("{\"prompt\":\"1\"}\n{\"prompt\":\"2\"}\n");
        assertThat(run("data", "check", directory + "/*.parquet"))
                .isEqualTo(new CommandRun(1, "", "rlhf data check: " + directory + "/*.parquet: matches no file\n"));
    }

    @Test
    void mixingIsRepeatableAndSaysWhatIsLeftOver() throws IOException {
        Path many = file("many.jsonl", "{\"prompt\":\"m\"}\n".repeat(50));
        Path few = file("few.jsonl", "{\"prompt\":\"f\"}\n".repeat(3));
        Object[] mix = {"data", "convert", "--in", many, "--in", few, "--out", "-", "--mix", "0.5,0.5", "--seed", "3"};
        CommandRun first = run(mix);
        assertThat(first.code()).isZero();
        assertThat(first).isEqualTo(run(mix));
        assertThat(first.out()).endsWith("{\"prompt\":\"f\"}\n");
        assertThat(first.err()).contains("rows are left over of " + many + " (--mix-until all takes them too)");
        CommandRun all = run(
                "data", "convert", "--in", many, "--in", few, "--out", "-", "--mix", "0.5,0.5", "--mix-until", "all");
        assertThat(all.out().lines()).hasSize(53);
    }

    @Test
    void wrongUsesAreSaid() throws IOException {
        Path in = file("pairs.jsonl", PAIRS);
        assertThat(run("data", "convert", "--in", in, "--out", "-", "--mix", "1"))
                .isEqualTo(new CommandRun(
                        2,
                        "",
                        "rlhf data convert: --mix has 1 weight for 1 input; give one for each of at least two\n"));
        assertThat(run("data", "convert", "--in", in, in, "--out", "-", "--mix", "1,-1")
                        .err())
                .isEqualTo("rlhf data convert: --mix: the weight -1.0 must be positive and finite\n");
        assertThat(run("data", "convert", "--in", in, "--out", "-", "--seed", "1")
                        .code())
                .isEqualTo(2);
        assertThat(run("data", "convert", "--in", in, "--out", "-", "--to", "tlr")
                        .err())
                .contains("unknown layout \"tlr\"");
        assertThat(run("data", "convert", "--in", in, "--out", directory.resolve("out.csv"))
                        .err())
                .contains("rows are written as JSON Lines (.jsonl, .jsonl.gz, .jsonl.zst) or Parquet (.parquet)");
        assertThat(directory.resolve("out.csv")).doesNotExist();
    }

    @Test
    void rowsThatDifferAreRefusedWithoutTheAdviceToDropThem() throws IOException {
        Path in = file(
                "mixed.jsonl",
                PAIRS + "{\"prompt\":[{\"role\":\"user\",\"content\":\"p\"}],"
                        + "\"chosen\":[{\"role\":\"assistant\",\"content\":\"a\"}],"
                        + "\"rejected\":[{\"role\":\"assistant\",\"content\":\"b\"}]}\n");
        Path out = directory.resolve("out.parquet");
        CommandRun result = run("data", "convert", "--in", in, "--out", out, "--to", "trl");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .startsWith("rlhf data convert: the row of " + in + ":3 has \"prompt\" as a list of messages")
                .contains(in + ":1")
                .doesNotContain("--drop-invalid");
        assertThat(out).doesNotExist();
    }

    private static CommandRun run(Object... arguments) {
        return CommandRun.withInput("", arguments);
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }
}
