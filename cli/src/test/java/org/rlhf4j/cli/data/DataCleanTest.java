package org.rlhf4j.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.CommandRun;

class DataCleanTest {
    private static final String ROWS = """
            {"prompt":"p","chosen":"a long answer","rejected":"b"}
            {"prompt":"p","chosen":"b","rejected":"c","probability":0.5}
            {"prompt":"p","chosen":"a long answer","rejected":"b","margin":1.0}
            {"prompt":"q","chosen":"x","rejected":"y"}
            """;

    private final Path directory;

    DataCleanTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void cleanSaysWhatEachStepRemovedAndRecordsIt() throws IOException {
        Path in = Files.writeString(directory.resolve("pairs.jsonl"), ROWS);
        Path out = directory.resolve("clean.jsonl");
        Path removed = directory.resolve("removed.jsonl");
        CommandRun result = CommandRun.of(
                "data",
                "clean",
                "--in",
                in,
                "--out",
                out,
                "--step",
                "dedup",
                "--step",
                "drop-ties",
                "--step",
                "length:max=12",
                "--removed",
                removed,
                "--json");
        assertThat(result.err()).isEqualTo(in + ": pairs, 4 rows (it has \"prompt\", \"chosen\" and \"rejected\")\n");
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .startsWith("dedup:by=exact,scope=row: 4 rows in, 3 out\n  duplicate 1\n    " + in + ":3: repeats " + in
                        + ":1  {\"prompt\":\"p\",")
                .contains("\ndrop-ties: 3 rows in, 2 out\n  tie 1\n    " + in + ":2: the probability is 0.5  {")
                .contains("\nlength:of=completion,unit=chars,max=12: 2 rows in, 1 out\n  too-long 1\n    " + in
                        + ":1: chosen has 13 characters, more than 12  {")
                .contains("\n" + out + ": 4 rows in, 1 pairs out; recorded in " + out + ".lineage.json\n");
        assertThat(result.json()
                        .path("steps")
                        .path(2)
                        .path("removed")
                        .path("too-long")
                        .asInt())
                .isEqualTo(1);
        assertThat(out).hasContent("{\"prompt\":\"q\",\"chosen\":\"x\",\"rejected\":\"y\"}");
        assertThat(Files.readAllLines(removed))
                .hasSize(3)
                .first()
                .asString()
                .contains("\"line\":1,\"step\":\"length\"");

        JsonNode lineage = Json.read(directory.resolve("clean.jsonl.lineage.json"));
        assertThat(Json.write(lineage.path("steps").path(0)))
                .isEqualTo("{\"step\":\"dedup\",\"parameters\":{\"by\":\"exact\",\"scope\":\"row\"},\"rows_in\":4,"
                        + "\"rows_out\":3,\"removed\":{\"duplicate\":1}}");
        JsonNode input = lineage.path("inputs").path(0);
        assertThat(input.path("file").asText()).isEqualTo("pairs.jsonl");
        assertThat(input.path("bytes").asLong()).isEqualTo(Files.size(in));
        assertThat(input.path("sha256").asText()).isEqualTo(Storage.sha256(in));
        assertThat(input.path("rows").asLong()).isEqualTo(4);
        assertThat(lineage.path("outputs")).hasSize(2);
        JsonNode output = lineage.path("outputs").path(0);
        assertThat(output.path("file").asText()).isEqualTo("clean.jsonl");
        assertThat(output.path("sha256").asText()).isEqualTo(Storage.sha256(out));
        assertThat(output.path("bytes").asLong()).isEqualTo(Files.size(out));
        assertThat(output.path("rows").asLong()).isEqualTo(1);
    }

    @Test
    void theSameChainGivesTheSameBytesOfDataAndLineage() throws IOException {
        Path here = Files.createDirectories(directory.resolve("here"));
        Path there = Files.createDirectories(directory.resolve("over/there"));
        Path again = Files.createDirectories(directory.resolve("again"));
        List<String> rows = ROWS.lines().toList();
        for (Path each : List.of(here, there, again)) {
            Files.writeString(each.resolve("a.jsonl"), ROWS);
            Files.writeString(each.resolve("b.jsonl"), rows.get(3).replace('q', 'r') + "\n");
        }
        for (Path each : List.of(here, there)) {
            assertThat(clean(each, "--step", "dedup:by=normalised", "--step", "sample:fraction=0.7,seed=3")
                            .code())
                    .isZero();
        }
        assertThat(clean(again, "--chain", here.resolve("out.jsonl.gz.lineage.json"))
                        .code())
                .isZero();
        for (String name : List.of("out.jsonl.gz", "out.jsonl.gz.lineage.json")) {
            assertThat(there.resolve(name)).hasSameBinaryContentAs(here.resolve(name));
            assertThat(again.resolve(name)).hasSameBinaryContentAs(here.resolve(name));
        }
        assertThat(here.resolve("out.jsonl.gz.lineage.json")).content().doesNotContain(directory.toString());
    }

    private static CommandRun clean(Path directory, Object... options) {
        return CommandRun.of(Stream.concat(
                        Stream.of(
                                "data",
                                "clean",
                                "--in",
                                directory.resolve("a.jsonl"),
                                directory.resolve("b.jsonl"),
                                "--out",
                                directory.resolve("out.jsonl.gz")),
                        Stream.of(options))
                .toArray());
    }

    @Test
    void aDryRunWritesNothing() throws IOException {
        CommandRun result =
                CommandRun.withInput(ROWS, "data", "clean", "--in", "-", "--step", "drop-ties", "--dry-run");
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .startsWith("drop-ties: 4 rows in, 3 out\n  tie 1\n    standard input:2: the probability is 0.5")
                .endsWith("\n4 rows in, 3 pairs out; nothing was written\n");
        assertThat(names()).isEmpty();
    }

    @Test
    void whatFailsLeavesNothing() throws IOException {
        Path out = directory.resolve("out.jsonl");
        CommandRun none = CommandRun.withInput(
                ROWS,
                "data",
                "clean",
                "--in",
                "-",
                "--out",
                out,
                "--removed",
                directory.resolve("r"),
                "--step",
                "length:min=99");
        assertThat(none.code()).isEqualTo(1);
        assertThat(none.err())
                .isEqualTo("rlhf data clean: no row is left: 4 read, 0 after length:of=completion,unit=chars,min=99\n");
        CommandRun invalid =
                CommandRun.withInput(ROWS + "{}\n", "data", "clean", "--in", "-", "--out", out, "--step", "drop-ties");
        assertThat(invalid.err()).isEqualTo("rlhf data clean: standard input:5: field \"prompt\" is missing\n");
        assertThat(names()).isEmpty();
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() throws IOException {
        Path out = directory.resolve("out.jsonl");
        assertThat(CommandRun.of("data", "clean", "--in", "x", "--out", out))
                .isEqualTo(
                        new CommandRun(
                                2,
                                "",
                                "rlhf data clean: give the steps with --step, or with --chain a lineage file that records them; one of the two\n"));
        assertThat(CommandRun.of("data", "clean", "--in", "x", "--step", "dedup")
                        .err())
                .contains("--out must name a file, beside which the lineage is written");
        assertThat(CommandRun.of("data", "clean", "--in", "x", "--out", out, "--removed", out, "--step", "dedup")
                        .err())
                .contains("--out and --removed are the same file");
        CommandRun mistyped = CommandRun.of("data", "clean", "--in", "x", "--out", out, "--step", "length:maxx=3");
        assertThat(mistyped.code()).isEqualTo(2);
        assertThat(mistyped.err()).contains("unknown parameter of length \"maxx\", did you mean \"max\"?");
        Path in = Files.writeString(directory.resolve("in.jsonl"), ROWS);
        Path parquet = directory.resolve("out.parquet");
        CommandRun columns = CommandRun.of("data", "clean", "--in", in, "--out", parquet, "--step", "dedup");
        assertThat(columns.code()).isEqualTo(2);
        assertThat(columns.err()).contains("write JSON Lines, and rlhf data convert makes Parquet of it");
        assertThat(parquet).doesNotExist();
        Path other = Files.writeString(directory.resolve("other.json"), "{\"a\":1}\n");
        assertThat(CommandRun.of("data", "clean", "--in", "x", "--out", out, "--chain", other)
                        .err())
                .isEqualTo("rlhf data clean: " + other + ": field \"reading\" is missing\n");
    }

    @Test
    void splitKeepsNearPromptsTogetherAndRecordsWhatItDid() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            String prompt = String.valueOf((char) ('a' + i / 3)).repeat(20) + " and a few more words, " + i / 3 * 7919;
            rows.append("{\"prompt\":\"")
                    .append(prompt)
                    .append(" of the same sort".repeat(i % 3 == 0 ? 0 : 1))
                    .append(i % 3 == 2 ? "!\"}\n" : "\"}\n");
        }
        Path in = Files.writeString(directory.resolve("prompts.jsonl"), rows.toString());
        Path train = directory.resolve("train.jsonl");
        Path test = directory.resolve("test.jsonl");
        Path valid = directory.resolve("valid.jsonl");
        CommandRun result = CommandRun.of(
                "data",
                "split",
                in,
                "--train",
                train,
                "--test",
                test,
                "--valid",
                valid,
                "--fraction",
                "0.2",
                "--valid-fraction",
                "0.1",
                "--near",
                "--threshold",
                "0.9",
                "--lineage",
                "--json");
        assertThat(result.err()).contains("prompts.jsonl: prompts, 60 rows");
        // Two of three prompts are alike in 0.98, the third is 17 characters shorter.
        assertThat(result.out())
                .startsWith(train + ": 42 rows of ")
                .contains(test + ": 12 rows of ")
                .contains(" groups of near prompts; no prompt is in two of them\n");
        JsonNode lineage = Json.read(directory.resolve("train.jsonl.lineage.json"));
        assertThat(lineage.path("command").asText()).isEqualTo("data split");
        assertThat(lineage.path("split").path("near").path("threshold").asDouble())
                .isEqualTo(0.9);
        assertThat(lineage.path("report")).isEqualTo(result.json());
        assertThat(lineage.path("outputs")).hasSize(3);
        List<String> trained = Files.readAllLines(train);
        for (String tested : Files.readAllLines(test)) {
            String twin = tested.contains("!") ? tested.replace("!", "") : tested.replace("sort\"", "sort!\"");
            assertThat(trained).doesNotContain(twin);
        }
    }

    @Test
    void splitOptionsThatMakeNoSenseAreRefused() {
        assertThat(CommandRun.of("data", "split", "x", "--train", "a", "--test", "b", "--threshold", "0.9")
                        .err())
                .contains("--threshold says when prompts are nearly the same; add --near");
        assertThat(CommandRun.of("data", "split", "x", "--train", "a", "--test", "b", "--valid-fraction", "0.1")
                        .err())
                .contains("add --valid");
        assertThat(CommandRun.of("data", "split", "x", "--train", "a", "--test", "b", "--valid", "b")
                        .err())
                .contains("two of --train, --valid and --test are the same file");
        assertThat(CommandRun.of(
                                "data",
                                "split",
                                "x",
                                "--train",
                                "a",
                                "--test",
                                "b",
                                "--valid",
                                "c",
                                "--fraction",
                                "0.6")
                        .err())
                .contains("leave something to train on");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .collect(Collectors.toList());
        }
    }
}
