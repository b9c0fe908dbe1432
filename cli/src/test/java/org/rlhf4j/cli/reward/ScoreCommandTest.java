package org.rlhf4j.cli.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.reward.RewardModel;

class ScoreCommandTest {
    private static final String GOOD = "{\"prompt\":\"Question 1?\",\"completion\":\"good\"}\n";

    @TempDir
    private static Path shared;

    private static Path model = Path.of("");

    @TempDir
    private Path folder;

    @BeforeAll
    static void train() {
        model = new RewardFiles(shared).trained().resolve("model");
    }

    @Test
    void theSameRowsComeOutInTheSameOrderWithTheirScores() throws IOException {
        // More rows than one window, of mixed lengths, with fields of their own.
        int count = 1500;
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < count; i++) {
            rows.append("{\"id\":")
                    .append(i)
                    .append(",\"prompt\":\"Question ")
                    .append(i)
                    .append("?\",\"completion\":\"")
                    .append("so ".repeat(i % 5))
                    .append(i % 2 == 0 ? "good" : "bad")
                    .append("\",\"note\":{\"é\":[1.50,null]}}\n");
        }
        Path in = Files.writeString(folder.resolve("in.jsonl"), rows);
        Path out = folder.resolve("out.jsonl");
        CommandRun run = CommandRun.of("score", "--model", model, "--in", in, "--out", out, "--json");

        assertThat(run.code()).as(run.err()).isZero();
        List<JsonNode> given = Files.readAllLines(in).stream().map(Json::parse).toList();
        List<JsonNode> scored =
                Files.readAllLines(out).stream().map(Json::parse).toList();
        assertThat(scored).hasSize(count);
        double sum = 0;
        try (RewardModel reward = RewardModel.open(model)) {
            for (int i = 0; i < count; i++) {
                ObjectNode row = scored.get(i).deepCopy();
                double score = row.remove("score").doubleValue();
                sum += score;
                assertThat(row).isEqualTo(given.get(i));
                if (i % 100 < 2) {
                    double alone = reward.score(
                            row.path("prompt").asText(), row.path("completion").asText());
                    assertThat(score).isCloseTo(alone, within(1e-5 * Math.max(1, Math.abs(alone))));
                }
            }
        }
        assertThat(scored.get(0).properties().stream().map(java.util.Map.Entry::getKey))
                .containsExactly("id", "prompt", "completion", "note", "score");
        assertThat(run.json().path("rows_scored").asInt()).isEqualTo(count);
        assertThat(run.json().path("rows_skipped").asInt()).isZero();
        assertThat(run.json().path("mean_score").asDouble()).isCloseTo(sum / count, within(1e-9));
        assertThat(run.err()).startsWith("1500 rows scored, mean score ");
    }

    @Test
    void rowsGoThroughTheStandardStreams() {
        CommandRun run = CommandRun.withInput(GOOD + GOOD.replace("good", "bad"), "score", "--model", model);
        assertThat(run.code()).as(run.err()).isZero();
        List<JsonNode> rows = run.out().lines().map(Json::parse).toList();
        assertThat(rows).extracting(row -> row.path("completion").asText()).containsExactly("good", "bad");
        assertThat(rows.get(0).path("score").asDouble())
                .isGreaterThan(rows.get(1).path("score").asDouble());
        assertThat(CommandRun.withInput("[" + GOOD.strip() + "]", "score", "--model", model, "--in", "-", "--out", "-")
                        .out())
                .isEqualTo(run.out().lines().findFirst().orElseThrow() + "\n");
    }

    @Test
    void normalizedScoresHaveTheStoredScale() {
        double plain = score(CommandRun.withInput(GOOD, "score", "--model", model));
        double normalized = score(CommandRun.withInput(GOOD, "score", "--model", model, "--normalize"));
        try (RewardModel reward = RewardModel.open(model)) {
            var scale = reward.scale().orElseThrow();
            assertThat(scale.count()).isEqualTo(2L * RewardFiles.PAIRS);
            assertThat(normalized).isCloseTo((plain - scale.mean()) / scale.deviation(), within(1e-9));
        }
    }

    @Test
    void normalizingNeedsAStoredScale() throws IOException {
        Path bare = folder.resolve("bare");
        Files.createDirectory(bare);
        try (var files = Files.list(model)) {
            for (Path file : files.toList()) {
                Files.copy(file, bare.resolve(file.getFileName()));
            }
        }
        ObjectNode sidecar = (ObjectNode) Json.read(bare.resolve("rlhf4j.json"));
        sidecar.remove("scores");
        Files.writeString(bare.resolve("rlhf4j.json"), Json.pretty(sidecar));
        CommandRun run = CommandRun.withInput(GOOD, "score", "--model", bare, "--normalize");
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains("--normalize needs the mean and deviation")
                .contains(bare.toString());
        assertThat(run.out()).isEmpty();
    }

    @Test
    void aRowThatCannotBeScoredEndsTheCommandAndLeavesTheTargetAlone() throws IOException {
        Path in = Files.writeString(
                folder.resolve("in.jsonl"), GOOD + "{\"prompt\":\"p\",\"completion\":\" \"}\n" + GOOD);
        Path out = Files.writeString(folder.resolve("out.jsonl"), "what stood here\n");
        CommandRun run = CommandRun.of("score", "--model", model, "--in", in, "--out", out);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("rlhf score: " + in + ":2: ")
                .endsWith("is blank\n")
                .hasLineCount(1);
        assertThat(out).hasContent("what stood here");
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("in.jsonl", "out.jsonl");
    }

    @Test
    void badRowsAreSkippedOnRequestWithTheirLines() {
        String rows = GOOD
                + "{\"prompt\":\"p\"}\n"
                + "not json\n"
                + "{\"prompt\":\"p\",\"completion\":7}\n"
                + "{\"prompt\":\"p\",\"completion\":\"c\",\"score\":1}\n"
                + GOOD;
        CommandRun run = CommandRun.withInput(rows, "score", "--model", model, "--on-error", "skip");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).hasLineCount(2);
        assertThat(run.err())
                .contains("skipped standard input:2: ")
                .contains("skipped standard input:3: ")
                .contains("skipped standard input:4: ")
                .contains("skipped standard input:5: field \"score\" is there already")
                .contains("2 rows scored, 4 skipped, mean score ");
    }

    @Test
    void aScoreThatIsThereAlreadyIsNotOverwritten() {
        CommandRun run = CommandRun.withInput(GOOD.replace("}", ",\"score\":1}"), "score", "--model", model);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo(
                        "rlhf score: standard input:1: field \"score\" is there already; rename it, for the score of this"
                                + " model goes there\n");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void overlongRowsAreBadRowsUnlessTheyMayBeCut() {
        String rows = "{\"prompt\":\"" + "p".repeat(50) + "\",\"completion\":\"c\"}\n" + GOOD;
        CommandRun fail = CommandRun.withInput(rows, "score", "--model", model, "--max-length", 20);
        assertThat(fail.code()).isEqualTo(1);
        assertThat(fail.err()).startsWith("rlhf score: standard input:1: ");
        CommandRun cut =
                CommandRun.withInput(rows, "score", "--model", model, "--max-length", 20, "--on-overlong", "truncate");
        assertThat(cut.code()).as(cut.err()).isZero();
        assertThat(cut.out()).hasLineCount(2);
        CommandRun drop =
                CommandRun.withInput(rows, "score", "--model", model, "--max-length", 20, "--on-overlong", "drop");
        assertThat(drop.code()).as(drop.err()).isZero();
        assertThat(drop.out()).hasLineCount(1);
        assertThat(drop.err()).contains("standard input:1: ").contains("1 row scored, 1 skipped");
    }

    @Test
    void noRowsAreNoFailure() {
        CommandRun run = CommandRun.withInput("", "score", "--model", model, "--out", folder.resolve("o"), "--json");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.json().path("rows_scored").asInt(-1)).isZero();
        assertThat(run.json().has("mean_score")).isFalse();
        assertThat(folder.resolve("o")).isEmptyFile();
    }

    @Test
    void wrongUseIsSaidInOneLine() {
        CommandRun json = CommandRun.withInput(GOOD, "score", "--model", model, "--json");
        assertThat(json.code()).isEqualTo(2);
        assertThat(json.err()).contains("add --out FILE").hasLineCount(1);

        CommandRun absent = CommandRun.of("score", "--model", model, "--in", folder.resolve("none.jsonl"));
        assertThat(absent.code()).isEqualTo(1);
        assertThat(absent.err())
                .startsWith("rlhf score: " + folder.resolve("none.jsonl") + ": ")
                .hasLineCount(1);

        CommandRun wrongModel = CommandRun.withInput(GOOD, "score", "--model", shared.resolve("start"));
        assertThat(wrongModel.code()).isEqualTo(1);
        assertThat(wrongModel.err())
                .contains("train a reward model from it first")
                .hasLineCount(1);

        CommandRun onError = CommandRun.withInput(GOOD, "score", "--model", model, "--on-error", "ignore");
        assertThat(onError.code()).isEqualTo(2);
        assertThat(onError.err()).hasLineCount(1);
        assertThat(IntStream.of(
                        json.out().length(),
                        absent.out().length(),
                        onError.out().length()))
                .containsOnly(0);
    }

    private static double score(CommandRun run) {
        assertThat(run.code()).as(run.err()).isZero();
        return run.json().path("score").doubleValue();
    }
}
