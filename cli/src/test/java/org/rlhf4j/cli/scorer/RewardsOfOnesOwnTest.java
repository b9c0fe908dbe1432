package org.rlhf4j.cli.scorer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.cli.PluginJars;

/** {@code rlhf ppo train} on scorers of a JAR, sound and broken ones. */
class RewardsOfOnesOwnTest {
    @TempDir
    private static Path folder;

    private static Path jar = Path.of("");

    @BeforeAll
    static void files() throws Exception {
        jar = PluginJars.build(
                Files.createDirectory(folder.resolve("jar")),
                CompletionScorer.class,
                "acme.Length\nacme.Moody\nacme.Never\n",
                Map.of(
                        "acme.Length", source("Length", ""),
                        "acme.Moody",
                                source(
                                        "Moody",
                                        "if (completion.length() % 2 == 0) throw new RuntimeException(\"no\");"),
                        "acme.Never",
                                source("Never", "if (completion.length() >= 0) throw new RuntimeException(\"no\");")));
        CommandRun made = CommandRun.of("model", "create", "--preset", "tiny", "--out", folder.resolve("start"));
        assertThat(made.code()).as(made.err()).isZero();
        Files.writeString(folder.resolve("prompts.jsonl"), """
                {"prompt":"A colour?"}
                {"prompt":"A number?"}
                {"prompt":"A tree?"}
                {"prompt":"A bird?"}
                """);
    }

    private static String source(String name, String before) {
        return """
                package acme;

                public final class %s implements org.rlhf4j.base.CompletionScorer {
                    public double score(String prompt, String completion) {
                        %s
                        return completion.length();
                    }
                }
                """.formatted(name, before);
    }

    private static CommandRun train(String run, Object... more) {
        List<Object> args = new ArrayList<>(List.of("ppo", "train", "--out", folder.resolve(run), "--plugins", jar));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    private static CommandRun train(String run, String reward, String setting) {
        return train(
                run,
                "--reward",
                reward,
                "--model",
                folder.resolve("start"),
                "--prompts",
                folder.resolve("prompts.jsonl"),
                "--episodes",
                16,
                "--max-new-tokens",
                8,
                "--set",
                "training.rolloutSize=8",
                "--set",
                "training.critic.start=policy",
                "--set",
                setting);
    }

    private static List<JsonNode> metrics(String run) throws IOException {
        return Files.readAllLines(folder.resolve(run).resolve("metrics.jsonl")).stream()
                .map(Json::parse)
                .toList();
    }

    @Test
    void aScorerOfAJarIsLearnedFromAndTheRunCanBeRepeated() throws IOException {
        CommandRun first = train("first", "Length=-0.5", "training.seed=3");
        assertThat(first.code()).as(first.err()).isZero();
        assertThat(Files.readString(folder.resolve("first/provenance.json"))).contains(Storage.sha256(jar));
        List<JsonNode> metrics = metrics("first");
        assertThat(metrics).isNotEmpty();
        assertThat(metrics.get(0).path("objective/raw_scores").asDouble())
                .as("lengths count against it")
                .isNegative();
        CommandRun again = train("again", "--config", folder.resolve("first/config.yaml"));
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(metrics("again").get(0).path("objective/raw_scores"))
                .isEqualTo(metrics.get(0).path("objective/raw_scores"));
    }

    @Test
    void aScorerThatThrowsEndsTheRunUnlessItsRowsAreDropped() throws IOException {
        CommandRun ended = train("ended", "Moody", "training.seed=3");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.err())
                .contains("the reward Moody threw java.lang.RuntimeException: no, the completion being")
                .contains("onFailure worst, replace or drop");
        CommandRun dropped = train("dropped", "Moody", "training.score.onFailure=drop");
        assertThat(dropped.code()).as(dropped.err()).isZero();
        assertThat(metrics("dropped").get(0).path("objective/failed_scores").asDouble())
                .isBetween(1.0, 7.0);
    }

    @Test
    void aScorerThatAlwaysThrowsEndsTheRunEvenSo() {
        CommandRun run = train("never", "Never", "training.score.onFailure=drop");
        assertThat(run.code()).as(run.err()).isEqualTo(1);
        assertThat(run.err()).contains("has a score, such as completion ", "the reward Never threw");
    }
}
