package org.rlhf4j.cli.reward;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.testing.Golden;

/** An encoder goes through every command of reward models, and through no command that writes text. */
class EncoderCommandsTest {
    @TempDir
    private Path directory;

    private Path model;
    private Path pairs;

    @BeforeEach
    void write() throws IOException {
        model = Golden.copyDirectory("encoders/bert", directory);
        StringBuilder rows = new StringBuilder();
        for (String end : new String[] {"", " b", " c", " ab", " b c", " c c", " d a", " a d"}) {
            rows.append("{\"prompt\":\"c b\",\"chosen\":\"a").append(end).append("\",\"rejected\":\"d");
            rows.append(end).append("\"}\n");
        }
        pairs = Files.writeString(directory.resolve("pairs.jsonl"), rows);
    }

    @Test
    void itIsTrainedEvaluatedDescribedAndScores() throws IOException {
        Path run = directory.resolve("run");
        CommandRun trained =
                RewardFiles.train(model, pairs, run, "--eval-data", pairs, "--set", "training.maxSteps=40", "--json");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.json().path("metrics").path("eval_accuracy").asDouble())
                .isEqualTo(1);

        Path saved = run.resolve("model");
        CommandRun info = CommandRun.of("model", "info", saved, "--json");
        assertThat(info.json().path("family").asText()).isEqualTo("bert");
        assertThat(info.json().path("kind").asText()).isEqualTo("reward-model");
        assertThat(info.out()).contains("bert, score read from the first token");

        CommandRun evaluated = CommandRun.of("reward", "eval", "--model", saved, "--data", pairs, "--json");
        assertThat(evaluated.code()).as(evaluated.err()).isZero();
        assertThat(evaluated.json().path("accuracy").asDouble()).isEqualTo(1);

        Path rows = Files.writeString(
                directory.resolve("rows.jsonl"),
                "{\"prompt\":\"c b\",\"completion\":\"a b\"}\n{\"prompt\":\"c b\",\"completion\":\"d b\"}\n");
        Path scored = directory.resolve("scored.jsonl");
        CommandRun scores = CommandRun.of("score", "--model", saved, "--in", rows, "--out", scored);
        assertThat(scores.code()).as(scores.err()).isZero();
        double[] both = Files.readAllLines(scored).stream()
                .mapToDouble(line -> Json.parse(line).path("score").asDouble())
                .toArray();
        assertThat(both[0]).isGreaterThan(both[1]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sft", "dpo", "generate", "ppo"})
    void commandsThatWriteTextRefuseIt(String command) throws IOException {
        Path prompts = Files.writeString(directory.resolve("prompts.jsonl"), "{\"prompt\":\"c b\"}\n");
        Path texts =
                Files.writeString(directory.resolve("texts.jsonl"), "{\"prompt\":\"c b\",\"completion\":\"a b\"}\n");
        Path out = directory.resolve("out");
        CommandRun run =
                switch (command) {
                    case "sft" -> CommandRun.of("sft", "train", "--model", model, "--data", texts, "--out", out);
                    case "dpo" -> CommandRun.of("dpo", "train", "--model", model, "--data", pairs, "--out", out);
                    case "ppo" ->
                        CommandRun.of(
                                "ppo",
                                "train",
                                "--model",
                                model,
                                "--prompts",
                                prompts,
                                "--reward",
                                model,
                                "--out",
                                out);
                    default -> CommandRun.of("generate", "--model", model, "--prompt", "c b");
                };
        assertThat(run.code()).isNotZero();
        assertThat(run.err()).contains("is an encoder (bert), which gives scores and writes no text");
        assertThat(run.err().lines().filter(line -> line.contains("\tat "))).isEmpty();
    }
}
