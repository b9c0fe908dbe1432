package org.rlhf4j.cli.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.CommandRun;

class RankCommandTest {
    private final Path directory;

    RankCommandTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void battlesGiveALeaderboard() throws IOException {
        // 30 wins of x, 10 of y, 20 ties: with half-wins 40 to 20, so the odds are 2.
        StringBuilder battles = new StringBuilder();
        for (int i = 0; i < 60; i++) {
            String winner = i < 30 ? "model_a" : i < 40 ? "model_b" : "tie (bothbad)";
            battles.append("{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"")
                    .append(winner)
                    .append("\"}\n");
        }
        Path file = Files.writeString(directory.resolve("battles.jsonl"), battles);
        Path out = directory.resolve("board.jsonl");
        CommandRun run = CommandRun.of("data", "rank", file, "--json", "--probabilities", "--out", out);
        assertThat(run.code()).isZero();
        double rating = 1000 + 400 * Math.log10(2) / 2;
        JsonNode first = run.json().path("items").path(0);
        assertThat(first.path("item").asText()).isEqualTo("x");
        assertThat(first.path("rating").doubleValue()).isEqualTo(rating, within(1e-6));
        assertThat(run.json().path("win_probabilities").path(0).path(1).doubleValue())
                .isEqualTo(2.0 / 3, within(1e-9));
        assertThat(run.out()).startsWith("""
                        60 comparisons of 2 models, bradley-terry, intervals by the observed information
                        ties: 20 of 2, taken as half-wins
                        rank     rating    95% interval    strength      se  compared  model
                        1        1060.2 \
                        """);
        assertThat(run.err()).endsWith(": battles, 60 rows (it has \"model_a\", \"model_b\" and \"winner\")\n");
        List<String> rows = Files.readAllLines(out);
        assertThat(rows).hasSize(2);
        assertThat(Json.parse(rows.get(0))).isEqualTo(first);

        CommandRun davidson = CommandRun.of("data", "rank", file, "--method", "davidson", "--bootstrap", 100, "--json");
        assertThat(davidson.json().path("resamples").asInt()).isEqualTo(100);
        assertThat(davidson.out()).contains("intervals by 100 resamples of 60 clusters");
        // Three ninths of ties against the geometric mean of the wins: nu = 20 / sqrt(30 * 10).
        assertThat(davidson.json().path("ties").path("2").doubleValue()).isEqualTo(20 / Math.sqrt(300), within(1e-8));
        assertThat(CommandRun.of("data", "rank", file, "--method", "davidson", "--bootstrap", 100, "--json"))
                .isEqualTo(davidson);
    }

    @Test
    void completionsOfAPromptGetScores() throws IOException {
        Path file = Files.writeString(directory.resolve("pairs.jsonl"), """
                {"prompt":"p","chosen":"a","rejected":"b"}
                {"prompt":"p","chosen":"b","rejected":"c"}
                """);
        Path out = directory.resolve("rankings.jsonl");
        CommandRun run = CommandRun.of("data", "rank", file, "--of", "completions", "--out", out, "--json");
        assertThat(run.code()).isZero();
        assertThat(run.json().path("prior").doubleValue()).isEqualTo(0.5);
        assertThat(CommandRun.of("data", "convert", "--in", out, "--out", "-", "--pairs", "adjacent")
                        .out())
                .isEqualTo(Files.readString(file));
    }

    @Test
    void whatHasNoMaximumIsExplained() throws IOException {
        Path file = Files.writeString(
                directory.resolve("one.jsonl"), "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"model_a\"}\n");
        CommandRun run = CommandRun.of("data", "rank", file);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("the comparisons do not tie all items together, so strengths are not defined (never lost"
                        + " against the rest: \"x\"; never won against the rest: \"y\")")
                .contains("--prior 0.5");
        assertThat(CommandRun.of("data", "rank", file, "--prior", "0.5").code()).isZero();
        assertThat(CommandRun.of("data", "rank", file, "--method", "davidsen").err())
                .contains("unknown method \"davidsen\", did you mean \"davidson\"?");
        assertThat(CommandRun.of("data", "rank", file, "--bootstrap", 5).err())
                .contains("--bootstrap is 5, must be 0 or at least 100");
        assertThat(CommandRun.of("data", "rank", file, "--of", "completions").err())
                .contains("needs --out");
    }
}
