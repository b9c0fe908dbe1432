package org.rlhf4j.cli.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.lm.LanguageModel;

class DpoTrainCommandTest {
    @TempDir
    private Path directory;

    private Path model;
    private Path pairs;
    private Path cache;

    @BeforeEach
    void files() throws IOException {
        model = directory.resolve("start");
        cache = directory.resolve("cache");
        assertThat(CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", model)
                        .code())
                .isZero();
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            rows.append("{\"prompt\":\"Question ").append(i).append("?\",\"chosen\":\"good\",\"rejected\":\"bad\"}\n");
        }
        pairs = write("pairs.jsonl", rows.toString());
    }

    @Test
    void trainWritesARunDirectoryWithAModelThatOpens() throws IOException {
        Path run = directory.resolve("new/run");
        CommandRun result = train(pairs, run, "--eval-data", pairs, "--json");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(run.toFile().list())
                .containsExactlyInAnyOrder("config.yaml", "provenance.json", "run.lock", "metrics.jsonl", "model");
        assertThat(result.out())
                .startsWith(run.resolve("model") + " after 20 steps: the chosen completion has the higher reward in"
                        + " 100.0 % of the held-out pairs, by ");
        JsonNode figures = result.json().path("metrics");
        assertThat(figures.path("eval_rewards/margins").asDouble()).isGreaterThan(0.1);
        List<JsonNode> metrics = Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(Json::parse)
                .toList();
        assertThat(metrics.get(0).path("loss").asDouble()).isLessThan(Math.log(2) + 1e-6);
        for (String name : List.of(
                "loss",
                "grad_norm",
                "learning_rate",
                "epoch",
                "num_tokens",
                "entropy",
                "logps/chosen",
                "logps/rejected",
                "rewards/chosen",
                "rewards/rejected",
                "rewards/accuracies",
                "rewards/margins")) {
            assertThat(metrics.get(0).path(name).isNumber()).as(name).isTrue();
        }
        try (LanguageModel trained = LanguageModel.open(run.resolve("model"))) {
            assertThat(trained.encoder().policy()).isNotNull();
        }
    }

    @Test
    void theReferenceIsComputedOnceAndGivesWhatAFrozenCopyGives() throws IOException {
        Path first = directory.resolve("first");
        CommandRun result = train(pairs, first);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("; without --eval-data nothing says");
        assertThat(cache.toFile().list()).hasSize(1);

        Path again = directory.resolve("again");
        assertThat(CommandRun.of("dpo", "train", "--config", first.resolve("config.yaml"), "--out", again)
                        .code())
                .isZero();
        assertThat(cache.toFile().list()).hasSize(1);
        assertThat(again.resolve("model/model.safetensors"))
                .hasSameBinaryContentAs(first.resolve("model/model.safetensors"));

        Path live = directory.resolve("live");
        CommandRun copy = CommandRun.of(
                "dpo",
                "train",
                "--config",
                first.resolve("config.yaml"),
                "--set",
                "reference=live",
                "--set",
                "referenceCache=null",
                "--out",
                live);
        assertThat(copy.code()).as(copy.err()).isZero();
        List<String> expected = Files.readAllLines(first.resolve("metrics.jsonl"));
        List<String> actual = Files.readAllLines(live.resolve("metrics.jsonl"));
        for (int i = 0; i < expected.size(); i++) {
            JsonNode wanted = Json.parse(expected.get(i));
            JsonNode got = Json.parse(actual.get(i));
            for (String name : List.of("loss", "rewards/margins", "logps/chosen")) {
                assertThat(got.path(name).asDouble())
                        .as(name)
                        .isCloseTo(wanted.path(name).asDouble(), within(1e-4));
            }
        }
    }

    @Test
    void everyObjectiveTrains() throws IOException {
        List<List<Object>> objectives = List.of(
                List.of("--objective", "conservative", "--label-smoothing", 0.1),
                List.of("--objective", "robust", "--label-smoothing", 0.1),
                List.of("--objective", "hinge"),
                List.of("--objective", "ipo", "--beta", 0.5),
                List.of("--objective", "ipo-sum", "--set", "loss.nllCoef=0.1"));
        for (List<Object> objective : objectives) {
            Path run = directory.resolve("run-" + objective.get(1));
            List<Object> more = new ArrayList<>(objective);
            more.addAll(List.of("--set", "training.maxSteps=2"));
            CommandRun result = train(pairs, run, more.toArray());
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(Files.readString(run.resolve("config.yaml"))).contains("type: " + objective.get(1));
        }
    }

    @Test
    void rankingsBecomePairsAndTheirTiesSoftOnes() {
        Path rankings = write("rankings.jsonl", """
                {"prompt":"p","completions":[{"text":"a","rank":1},{"text":"b","rank":2},{"text":"c","rank":2}]}
                """);
        CommandRun result = train(
                rankings, directory.resolve("run"), "--set", "ties=keep", "--set", "training.maxSteps=1", "--json");
        assertThat(result.code()).as(result.err()).isZero();
        // Three pairs, one of them a tie, whose loss is ln 2 at the start like that of the others.
        assertThat(result.json().path("metrics").path("loss").asDouble()).isCloseTo(Math.log(2), within(1e-6));
    }

    @Test
    void whatWouldBeIgnoredIsRefusedOrSaid() {
        Path out = directory.resolve("run");
        CommandRun smoothing = train(pairs, out, "--label-smoothing", 0.1);
        assertThat(smoothing.code()).isEqualTo(2);
        assertThat(smoothing.err())
                .contains("unknown key \"loss.objective.labelSmoothing\"")
                .hasLineCount(1);
        CommandRun required = train(pairs, out, "--objective", "robust");
        assertThat(required.code()).isEqualTo(2);
        assertThat(required.err())
                .contains("loss.objective.labelSmoothing is required")
                .hasLineCount(1);
        CommandRun unknown = train(pairs, out, "--objective", "ipo-mean");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("ipo-mean").contains("ipo-sum").hasLineCount(1);
        CommandRun live = train(pairs, out, "--set", "reference=live");
        assertThat(live.code()).isEqualTo(2);
        assertThat(live.err()).contains("referenceCache is for precomputed values");
        assertThat(out).doesNotExist();

        Path margins = write("margins.jsonl", "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\",\"margin\":2}\n");
        assertThat(train(margins, out, "--set", "training.maxSteps=1").err())
                .contains("margins.jsonl: margins are not used by DPO");
    }

    @Test
    void aPolicyThatLosesItsChosenCompletionsIsMentioned() {
        // What is learned takes probability from everything else.
        Path others = write("others.jsonl", "{\"prompt\":\"Question 9?\",\"chosen\":\"zzzz\",\"rejected\":\"qqqq\"}\n");
        CommandRun result = train(
                pairs,
                directory.resolve("run"),
                "--eval-data",
                others,
                "--set",
                "training.maxSteps=60",
                "--set",
                "training.optimizer.learningRate=0.005");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err()).contains("nats a token less likely than under the reference: raise beta");
    }

    private CommandRun train(Path data, Path out, Object... more) {
        List<Object> args = new ArrayList<>(List.of("dpo", "train", "--model", model, "--data", data, "--out", out));
        args.addAll(List.of("--set", "training.maxSteps=20", "--set", "training.optimizer.learningRate=0.0005"));
        args.addAll(List.of("--set", "referenceCache=" + cache));
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    private Path write(String name, String content) {
        try {
            return Files.writeString(directory.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
