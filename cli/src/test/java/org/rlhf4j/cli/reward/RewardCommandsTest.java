package org.rlhf4j.cli.reward;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.CommandRun;

class RewardCommandsTest {
    private final Path directory;
    private final RewardFiles files;

    RewardCommandsTest(@TempDir Path directory) {
        this.directory = directory;
        this.files = new RewardFiles(directory);
    }

    @Test
    void trainWritesARunDirectory() throws IOException {
        Path run = directory.resolve("new/run");
        CommandRun result =
                RewardFiles.train(files.languageModel(), files.pairs(), run, "--eval-data", files.pairs(), "--json");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(run.toFile().list())
                .containsExactlyInAnyOrder("config.yaml", "provenance.json", "run.lock", "metrics.jsonl", "model");
        assertThat(result.json().path("run").asText()).isEqualTo(run.toString());
        assertThat(result.json().path("steps").asInt()).isEqualTo(20);
        assertThat(result.json().path("metrics").path("eval_accuracy").asDouble())
                .isEqualTo(1);
        assertThat(result.out())
                .startsWith(run.resolve("model") + " after 20 steps: accuracy 1.0000 (95 % interval 0.6756 to 1.0000)"
                        + " on 8 held-out pairs\n");

        List<JsonNode> metrics = Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .map(Json::parse)
                .toList();
        assertThat(metrics).extracting(line -> line.path("step").asInt()).containsExactly(10, 20, 20);
        for (String name : List.of(
                "loss",
                "grad_norm",
                "learning_rate",
                "epoch",
                "num_tokens",
                "min_reward",
                "mean_reward",
                "max_reward",
                "accuracy",
                "margin")) {
            assertThat(metrics.get(0).path(name).isNumber()).as(name).isTrue();
        }
        for (String name : List.of("eval_loss", "eval_accuracy", "eval_margin", "eval_mean_reward", "eval_ece")) {
            assertThat(metrics.get(2).path(name).isNumber()).as(name).isTrue();
        }
        JsonNode provenance = Json.read(run.resolve("provenance.json"));
        assertThat(provenance.toString())
                .contains(Storage.sha256(directory.resolve("pairs.jsonl")))
                .contains("--eval-data");
        assertThat(Files.readString(run.resolve("config.yaml"))).contains("maxSteps: 20");
        assertThat(result.err()).as("the effective settings").contains("maxSteps: 20");
    }

    @Test
    void theWrittenSettingsRepeatTheRun() throws IOException {
        Path first = files.trained();
        Path again = directory.resolve("again");
        CommandRun result = CommandRun.of("reward", "train", "--config", first.resolve("config.yaml"), "--out", again);
        assertThat(result.code()).as(result.err()).isZero();
        for (String name : List.of("metrics.jsonl", "config.yaml", "model/model.safetensors", "model/rlhf4j.json")) {
            assertThat(again.resolve(name)).as(name).hasSameBinaryContentAs(first.resolve(name));
        }
        Path other = directory.resolve("other");
        assertThat(CommandRun.of(
                                "reward",
                                "train",
                                "--config",
                                first.resolve("config.yaml"),
                                "--seed",
                                9,
                                "--out",
                                other)
                        .code())
                .isZero();
        assertThat(Files.readString(other.resolve("config.yaml"))).contains("seed: 9");
        assertThat(Storage.sha256(other.resolve("model/model.safetensors")))
                .isNotEqualTo(Storage.sha256(first.resolve("model/model.safetensors")));
    }

    @Test
    void aSingleSettingWinsOverTheFile() throws IOException {
        Path yaml = files.write("my.yaml", "training:\n  maxSteps: 3\n  loggingSteps: 1\nloss:\n  centering: 0.01\n");
        Path run = directory.resolve("run");
        CommandRun result = CommandRun.of(
                "reward",
                "train",
                "--config",
                yaml,
                "--set",
                "training.maxSteps=2",
                "--set",
                "objective=plackett-luce",
                "--model",
                files.languageModel(),
                "--data",
                files.pairs(),
                "--out",
                run,
                "--max-length",
                100);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize(2);
        assertThat(Files.readString(run.resolve("config.yaml")))
                .contains("maxSteps: 2", "centering: 0.01", "maxLength: 100", "objective: ");
        assertThat(Json.read(run.resolve("model/rlhf4j.json"))
                        .path("encoding")
                        .path("max_length")
                        .asInt())
                .isEqualTo(100);
    }

    @Test
    void unknownSettingsAreRefusedWithTheNearest() {
        Path out = directory.resolve("run");
        CommandRun set = CommandRun.of(
                "reward", "train", "--model", "m", "--data", "d", "--out", out, "--set", "training.batchsize=4");
        assertThat(set.code()).isEqualTo(2);
        assertThat(set.err()).contains("batchsize").contains("batchSize").hasLineCount(1);

        Path yaml = files.write("my.yaml", "training:\n  epoch: 3\n");
        CommandRun file =
                CommandRun.of("reward", "train", "--model", "m", "--data", "d", "--out", out, "--config", yaml);
        assertThat(file.code()).isEqualTo(2);
        assertThat(file.err())
                .contains("my.yaml")
                .contains("did you mean \"training.epochs\"?")
                .hasLineCount(1);

        CommandRun range = CommandRun.of(
                "reward", "train", "--model", "m", "--data", "d", "--out", out, "--set", "loss.labelSmoothing=0.5");
        assertThat(range.code()).isEqualTo(2);
        assertThat(range.err()).contains("labelSmoothing").hasLineCount(1);

        CommandRun missing = CommandRun.of("reward", "train", "--out", out);
        assertThat(missing.code()).isEqualTo(2);
        assertThat(missing.err()).contains("model").hasLineCount(1);
        assertThat(out).doesNotExist();
    }

    @Test
    void aRunDirectoryInUseIsRefusedBeforeAnythingIsLoaded() {
        files.write("notes.txt", "mine");
        CommandRun result = RewardFiles.train(Path.of("absent-model"), Path.of("absent.jsonl"), directory);
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .endsWith("rlhf reward train: " + directory
                        + " is not empty: name a new directory for the run, or delete this one\n");
        assertThat(directory.toFile().list()).containsExactly("notes.txt");
    }

    @Test
    void badDataIsRefusedBeforeARunDirectoryIsMade() {
        Path out = directory.resolve("run");
        Path model = files.languageModel();
        CommandRun absent = RewardFiles.train(model, directory.resolve("none.jsonl"), out);
        assertThat(absent.code()).isEqualTo(1);
        assertThat(absent.err()).contains("none.jsonl: there is no such file");

        Path prompts = files.write("prompts.jsonl", "{\"prompt\":\"p\"}\n");
        CommandRun kind = RewardFiles.train(model, prompts, out);
        assertThat(kind.code()).isEqualTo(1);
        assertThat(kind.err()).contains("prompts.jsonl:1: pairs, rankings or partial orders are needed, but this");

        CommandRun overlong = RewardFiles.train(model, files.pairs(), out, "--max-length", 10);
        assertThat(overlong.code()).isEqualTo(1);
        assertThat(overlong.err()).contains("pairs.jsonl:1");

        CommandRun nothing = RewardFiles.train(model, files.pairs(), out, "--max-length", 10, "--on-overlong", "drop");
        assertThat(nothing.code()).isEqualTo(1);
        assertThat(nothing.err()).contains("leaves no row to work with");
        assertThat(out).doesNotExist();
    }

    @Test
    void aRunThatDivergesStopsWithOneLineAndKeepsWhatWasWritten() {
        Path run = directory.resolve("run");
        CommandRun result = RewardFiles.train(
                files.languageModel(),
                files.pairs(),
                run,
                "--set",
                "training.optimizer.learningRate=1e30",
                "--set",
                "training.loggingSteps=1",
                "--set",
                "training.optimizer.schedule=constant");
        assertThat(result.code()).isEqualTo(4);
        List<String> lines = result.err().lines().toList();
        assertThat(lines.get(lines.size() - 1))
                .startsWith("rlhf reward train: step ")
                .contains("is not finite")
                .contains("pairs.jsonl:")
                .contains("the weights are those of step ")
                .contains("Repeat the step to see why: rlhf replay ");
        assertThat(result.err()).doesNotContain("\tat ");
        assertThat(result.out()).isEmpty();
        assertThat(run.toFile().list())
                .containsExactlyInAnyOrder("config.yaml", "provenance.json", "run.lock", "metrics.jsonl", "dumps");
        assertThat(run.resolve("metrics.jsonl")).isNotEmptyFile();
    }

    @Test
    void labelsThatAreAllTiesGiveFiguresWithoutAnAccuracy() {
        Path ties = files.write(
                "ties.jsonl", "{\"prompt\":\"p\",\"chosen\":\"a\",\"rejected\":\"b\",\"probability\":0.5}\n");
        CommandRun train = RewardFiles.train(
                files.languageModel(), files.pairs(), directory.resolve("run"), "--set", "evalData=" + ties, "--json");
        assertThat(train.code()).as(train.err()).isZero();
        assertThat(train.json().path("metrics").path("eval_accuracy").isNull()).isTrue();
        assertThat(train.out()).contains("on 1 held-out pairs");
        CommandRun eval =
                CommandRun.of("reward", "eval", "--model", directory.resolve("run/model"), "--data", ties, "--json");
        assertThat(eval.code()).as(eval.err()).isZero();
        assertThat(eval.json().path("ties").asInt()).isEqualTo(1);
        assertThat(eval.json().has("accuracy")).isFalse();
    }

    @Test
    void evalGivesTheFigures() {
        Path model = files.trained().resolve("model");
        Path data = files.write("test.jsonl", """
                {"prompt":"Question 1?","chosen":"good","rejected":"bad"}
                {"prompt":"Question 2?","chosen":"good","rejected":"bad"}
                {"prompt":"Question 3?","chosen":"bad","rejected":"good"}
                {"prompt":"Question 4?","chosen":"good","rejected":"bad","probability":0.5}
                """);
        CommandRun result = CommandRun.of("reward", "eval", "--model", model, "--data", data, "--json");
        assertThat(result.code()).as(result.err()).isZero();
        JsonNode figures = result.json();
        assertThat(figures.path("n").asInt()).isEqualTo(4);
        assertThat(figures.path("ties").asInt()).isEqualTo(1);
        assertThat(figures.path("accuracy").asDouble()).isEqualTo(2.0 / 3);
        assertThat(figures.path("accuracy_ci95").path(0).asDouble()).isLessThan(2.0 / 3);
        assertThat(figures.path("accuracy_ci95").path(1).asDouble()).isGreaterThan(2.0 / 3);
        assertThat(figures.path("margin").asDouble()).isPositive();
        assertThat(figures.path("ece").asDouble()).isBetween(0.0, 1.0);
        assertThat(result.out()).contains("accuracy                     0.6667 (95 % interval ");

        Path rankings = files.write(
                "rankings.jsonl",
                "{\"prompt\":\"Question 5?\",\"completions\":[{\"text\":\"bad\",\"rank\":2},{\"text\":\"good\","
                        + "\"rank\":1}]}\n");
        assertThat(CommandRun.of("reward", "eval", "--model", model, "--data", rankings, "--json")
                        .json()
                        .path("accuracy")
                        .asDouble())
                .isEqualTo(1);
    }
}
