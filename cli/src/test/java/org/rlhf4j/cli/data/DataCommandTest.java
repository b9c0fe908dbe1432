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
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.preference.Rule;

class DataCommandTest {
    private static final String RANKING = "{\"prompt\":\"Name a tree.\",\"completions\":[{\"text\":\"A\",\"rank\":2},"
            + "{\"text\":\"B\",\"rank\":1},{\"text\":\"C\",\"rank\":3}]}";
    private static final String PAIRS = """
            {"prompt":"Name a tree.","chosen":"B","rejected":"A"}
            {"prompt":"Name a tree.","chosen":"A","rejected":"C"}
            {"prompt":"Name a tree.","chosen":"B","rejected":"C"}
            """;

    private final Path directory;

    DataCommandTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void convertTurnsTheArticlesRankingIntoItsPairs() throws IOException {
        Path in = file("rankings.jsonl", RANKING + "\n");
        Path out = directory.resolve("pairs.jsonl");
        CommandRun result =
                CommandRun.withInput("", "data", "convert", "--in", in, "--out", out, "--pairs", "all", "--json");
        assertThat(result.code()).isZero();
        assertThat(Files.readString(out)).isEqualTo(PAIRS);
        assertThat(result.out()).startsWith(out + ": 1 row in, 3 pairs out\n");
        assertThat(result.json().path("format").asText()).isEqualTo("rankings");
        assertThat(result.json().path("rows_in").asInt()).isEqualTo(1);
        assertThat(result.json().path("rows_out").asInt()).isEqualTo(3);
        assertThat(result.err())
                .isEqualTo(in + ": rankings, 1 row (it has \"prompt\" and a list of objects as \"completions\")\n");
    }

    @Test
    void convertReadsAndWritesTheStandardStreams() {
        CommandRun result =
                CommandRun.withInput(RANKING, "data", "convert", "--in", "-", "--out", "-", "--pairs", "all");
        assertThat(result.code()).isZero();
        assertThat(result.out()).isEqualTo(PAIRS);
        assertThat(result.err()).startsWith("standard input: rankings, 1 row");
    }

    @Test
    void convertTurnsRankingsIntoDemonstrations() {
        CommandRun result =
                CommandRun.withInput(RANKING, "data", "convert", "--in", "-", "--out", "-", "--completions", "best");
        assertThat(result.code()).isZero();
        assertThat(result.out().lines())
                .hasSize(1)
                .allSatisfy(line -> assertThat(line).startsWith("{\"prompt\":").contains("\"completion\":"));
        assertThat(CommandRun.withInput(
                        RANKING,
                        "data",
                        "convert",
                        "--in",
                        "-",
                        "--out",
                        "-",
                        "--completions",
                        "all",
                        "--pairs",
                        "all"))
                .isEqualTo(new CommandRun(
                        2,
                        "",
                        "rlhf data convert: --pairs makes pairs and --completions demonstrations: give one of them\n"));
    }

    @Test
    void convertStopsAtTheFirstInvalidRowAndWritesNothing() throws IOException {
        Path in = file("pairs.jsonl", PAIRS + "{\"prompt\":\"p\",\"chosen\":\" \",\"rejected\":\"x\"}\n");
        Path out = file("kept.jsonl", "what stood here\n");
        CommandRun result = CommandRun.withInput("", "data", "convert", "--in", in, "--out", out);
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .isEqualTo("rlhf data convert: " + in
                        + ":4: chosen is blank; nothing was written (--drop-invalid leaves such rows out)\n");
        assertThat(out).hasContent("what stood here");
        assertThat(names()).containsExactly("kept.jsonl", "pairs.jsonl");
    }

    @Test
    void convertSaysWhatItLeavesOut() throws IOException {
        Path in = file(
                "rankings.jsonl",
                RANKING.replace("\"rank\":2", "\"rank\":1") + "\n{\n"
                        + RANKING.replace("}]}", "}],\"mood\":7}").replace("tree", "bird") + "\n");
        Path out = directory.resolve("pairs.jsonl");
        CommandRun result = CommandRun.withInput(
                "", "data", "convert", "--in", in, "--out", out, "--pairs", "all", "--drop-invalid");
        assertThat(result.code()).isZero();
        assertThat(result.err())
                .contains("left out 1 invalid row:\n  malformed-json 1 (the line is not one JSON object)\n    " + in
                        + ":2: ")
                .contains("left out 1 tied pair; --ties keep writes them with the probability 0.5\n")
                .contains("fields not carried over: \"mood\" (1 row)\n");
        assertThat(result.out()).isEqualTo(out + ": 3 rows in, 5 pairs out\n");
    }

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        assertThat(CommandRun.withInput(RANKING, "data", "convert", "--in", "-", "--out", "-", "--ties", "keep"))
                .isEqualTo(new CommandRun(
                        2,
                        "",
                        "rlhf data convert: --ties and --weights say how rankings become pairs; add --pairs all\n"));
        assertThat(CommandRun.withInput(RANKING, "data", "convert", "--in", "-", "--out", "-", "--json")
                        .code())
                .isEqualTo(2);
        assertThat(CommandRun.withInput("", "data", "check", "-", "-").err())
                .contains("standard input (-) can be read only once");
        assertThat(CommandRun.withInput("", "data", "split", "-", "--train", "a", "--test", "b")
                        .err())
                .contains("cannot be standard input");
        assertThat(CommandRun.withInput("", "data", "split", "x", "--train", "a", "--test", "./a")
                        .err())
                .contains("--train and --test are the same file");
        assertThat(CommandRun.withInput("", "data", "split", "x", "--train", "a", "--test", "b", "--fraction", "1.5")
                        .code())
                .isEqualTo(2);
        assertThat(CommandRun.withInput("", "data").code()).isEqualTo(2);
    }

    @Test
    void mistypedValuesAreAnsweredWithTheNearest() {
        CommandRun format = CommandRun.withInput("", "data", "check", "x", "--from", "ranking");
        assertThat(format.code()).isEqualTo(2);
        assertThat(format.err()).contains("unknown format \"ranking\", did you mean \"rankings\"? (known: pairs,");
        assertThat(CommandRun.withInput("", "data", "convert", "--in", "x", "--out", "y", "--pairs", "al")
                        .err())
                .contains("unknown pair strategy \"al\", did you mean \"all\"?");
        assertThat(CommandRun.withInput("", "data", "convert", "--in", "x", "--out", "y", "--weights", "per_prompt")
                        .err())
                .contains("unknown weighting \"per_prompt\", did you mean \"per-prompt\"? (known: none, per-prompt)");
    }

    @Test
    void checkRefusesWithCodeThree() throws IOException {
        Path in = file("pairs.jsonl", PAIRS + "{\"prompt\":\"p\",\"chosen\":\" \",\"rejected\":\"x\"}\n" + PAIRS);
        CommandRun result = CommandRun.withInput("", "data", "check", in, "--json");
        assertThat(result.code()).isEqualTo(3);
        assertThat(result.out())
                .startsWith(in + ": pairs, 7 rows (it has \"prompt\", \"chosen\" and \"rejected\")\n"
                        + "error   blank-completion           1  a completion is empty or white space\n    " + in
                        + ":4: chosen is blank  {\"prompt\":\"p\",\"chosen\":\" \",\"rejected\":\"x\"}\n"
                        + "    -> " + Rule.BLANK_COMPLETION.advice() + "\n"
                        + "warning duplicate-row              3  the row repeats an earlier one\n    " + in
                        + ":5: the same row as " + in + ":1\n")
                .contains("\nrefused: 1 error, 3 warnings\n");
        JsonNode problem = result.json().path("problems").get(0);
        assertThat(result.json().path("rows").asInt()).isEqualTo(7);
        assertThat(problem.path("rule").asText()).isEqualTo("blank-completion");
        assertThat(problem.path("severity").asText()).isEqualTo("error");
        assertThat(problem.path("count").asInt()).isEqualTo(1);
        assertThat(problem.path("first").asText()).isEqualTo(in + ":4");
        assertThat(result.err())
                .isEqualTo("rlhf data check: 1 error in 7 rows; correct the rows, or leave the invalid ones out with"
                        + " rlhf data convert --drop-invalid\n");
    }

    @Test
    void checkAcceptsWarnings() {
        CommandRun result = CommandRun.withInput(PAIRS + PAIRS, "data", "check", "-");
        assertThat(result.code()).isZero();
        assertThat(result.out()).endsWith("accepted: 0 errors, 3 warnings\n");
    }

    @Test
    void checkOfAMissingFileFails() {
        CommandRun result = CommandRun.withInput("", "data", "check", directory.resolve("none.jsonl"));
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .isEqualTo("rlhf data check: " + directory.resolve("none.jsonl") + ": there is no such file\n");
    }

    @Test
    void statsPrintAndReportTheFigures() throws IOException {
        Path in = file("pairs.jsonl", """
                {"prompt":"pp","chosen":"longer","rejected":"long"}
                {"prompt":"pp","chosen":"long","rejected":"longer","weight":2}
                """);
        CommandRun result = CommandRun.withInput("", "data", "stats", in, "--json");
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains("1 different prompt\n")
                .contains("\n  chosen         5.0       4       4       6       6       6\n")
                .contains(
                        "the longer completion is preferred in 50.0 % of 2 pairs of different length (95 % interval 5.5 to"
                                + " 94.5)\n")
                .contains("total weight 3.00000\n");
        assertThat(result.json().path("longer_chosen").path("share").asDouble()).isEqualTo(0.5);
        assertThat(CommandRun.withInput(RANKING, "data", "stats", "-").out())
                .endsWith("0 tied pairs\n1 ranking of 3\n");
    }

    @Test
    void splitKeepsPromptsApart() throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 100; i++) {
            rows.append("{\"prompt\":\"")
                    .append(i / 2)
                    .append("\",\"id\":")
                    .append(i)
                    .append("}\n");
        }
        Path in = file("prompts.jsonl", rows.toString());
        Path train = directory.resolve("train.jsonl");
        Path test = directory.resolve("test.jsonl.gz");
        Object[] args = {
            "data", "split", in, "--train", train, "--test", test, "--fraction", "0.2", "--by", "prompt", "--json"
        };
        CommandRun result = CommandRun.withInput("", args);
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .startsWith(
                        train + ": 80 rows of 40 prompts\n" + test + ": 20 rows of 10 prompts; no prompt is in both\n");
        assertThat(result.json().path("test_rows").asInt()).isEqualTo(20);
        String first = Files.readString(train);
        assertThat(CommandRun.withInput("", args).code()).isZero();
        assertThat(train).hasContent(first);
        CommandRun overlap = CommandRun.withInput("", "data", "check", train, test);
        assertThat(overlap.code()).isZero();
        assertThat(overlap.out()).contains("duplicate-row").doesNotContain("prompt-overlap");
    }

    @Test
    void aSplitThatFailsLeavesNothing() throws IOException {
        Path in = file("prompts.jsonl", "{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n{\"prompt\":\" \"}\n");
        CommandRun result = CommandRun.withInput(
                "", "data", "split", in, "--train", directory.resolve("a"), "--test", directory.resolve("b"));
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).isEqualTo("rlhf data split: " + in + ":3: prompt is blank\n");
        assertThat(names()).containsExactly("prompts.jsonl");
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .collect(Collectors.toList());
        }
    }
}
