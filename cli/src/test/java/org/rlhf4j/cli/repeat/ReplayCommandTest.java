package org.rlhf4j.cli.repeat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.CommandRun;

/** Runs whose numbers become infinite, and {@code rlhf replay} of what they leave. */
final class ReplayCommandTest {
    private static final String PAIRS = """
            {"prompt":"Question 0?","chosen":" good","rejected":" bad"}
            {"prompt":"Question 1?","chosen":" well","rejected":" ill, and longer","margin":1e39}
            {"prompt":"Question 2?","chosen":" fine","rejected":" poor"}
            """;

    private final Path directory;
    private final Path run;
    private final Path data;

    ReplayCommandTest(@TempDir Path directory) {
        this.directory = directory;
        this.run = directory.resolve("run");
        this.data = directory.resolve("pairs.jsonl");
    }

    private CommandRun train(Object... more) throws IOException {
        Path model = directory.resolve("start");
        CommandRun made = CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", model);
        assertThat(made.code()).as(made.err()).isZero();
        Files.writeString(data, PAIRS);
        List<Object> args = new ArrayList<>(List.of("reward", "train", "--model", model, "--data", data, "--out", run));
        for (String setting : List.of("maxSteps=9", "batchSize=1", "microBatchSize=1", "loggingSteps=1")) {
            args.addAll(List.of("--set", "training." + setting));
        }
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    private Path dump() throws IOException {
        try (var dumps = Files.list(run.resolve("dumps"))) {
            return dumps.sorted().findFirst().orElseThrow();
        }
    }

    @Test
    void aRunThatDivergesSaysWhereAndHowToLookAtIt() throws IOException {
        CommandRun diverged = train();
        assertThat(diverged.code())
                .as(diverged.err().substring(Math.max(0, diverged.err().length() - 700)))
                .isEqualTo(4);
        List<String> lines = diverged.err().lines().toList();
        assertThat(lines.get(lines.size() - 1))
                .matches(
                        "rlhf reward train: step \\d: the loss is not finite \\(.*pairs.jsonl:2\\); the weights are those of"
                                + " step \\d\\. Repeat the step to see why: rlhf replay .*run/dumps/step-00000\\d");
        assertThat(run.resolve("model")).doesNotExist();

        Path dump = dump();
        CommandRun replayed = CommandRun.of("replay", dump, "--json");
        assertThat(replayed.code()).as(replayed.err()).isZero();
        assertThat(replayed.out())
                .contains("now: the problem is repeated: step ")
                .contains("each row of the batch alone:")
                .containsPattern("pairs\\.jsonl:2 +loss Infinity");
        JsonNode json = replayed.json();
        assertThat(json.path("repeated").asBoolean()).isTrue();
        JsonNode then = Json.read(dump.resolve("problem.json"));
        // The same to the bit, but for the place of the dump that the message may name.
        assertThat(json.path("problem")).isEqualTo(then);

        Files.writeString(data, PAIRS.replace("1e39", "1"));
        CommandRun healed = CommandRun.of("replay", dump, "--json");
        assertThat(healed.code()).as(healed.err()).isZero();
        assertThat(healed.out()).contains("is made, and its numbers are finite; the problem is gone");
        assertThat(healed.json().path("repeated").asBoolean()).isFalse();
    }

    @Test
    void stepsThatAreLeftOutAreToldCountedAndKept() throws IOException {
        CommandRun trained = train("--set", "training.optimizer.maxBadSteps=1", "--json");
        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.err())
                .containsPattern(
                        "reward model step \\d: the loss is not finite \\(.*pairs.jsonl:2\\); the step is left out,"
                                + " 1 in a row of at most 1")
                .contains("repeat it with: rlhf replay " + dump());
        assertThat(trained.json().path("metrics").path("skipped_steps").asInt()).isEqualTo(3);
        assertThat(CommandRun.of("replay", dump()).out()).contains("now: the problem is repeated");
    }

    @Test
    void weightsThatBlewUpAreRepeatedToo() throws IOException {
        CommandRun diverged = train("--set", "training.optimizer.learningRate=1e25", "--seed", 5);
        assertThat(diverged.code())
                .as(diverged.err().substring(Math.max(0, diverged.err().length() - 700)))
                .isEqualTo(4);
        CommandRun replayed = CommandRun.of("replay", dump());
        assertThat(replayed.code()).as(replayed.err()).isZero();
        assertThat(replayed.out()).contains("now: the problem is repeated").contains("largest weight norms: ");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRolloutIsRepeatedFromTheNewestCheckpointOrTheBeginning(boolean checkpoint) throws IOException {
        List<Object> args = new ArrayList<>(List.of("control", "train", "--env", "CartPole-v1", "--out", run));
        // Weights of 1e19 and more: their products overflow.
        args.addAll(List.of("--steps", 1024, "--set", "numSteps=32", "--set", "ppo.optimizer.learningRate=1e19"));
        args.addAll(List.of("--set", "ppo.optimizer.maxGradNorm=0", "--set", "ppo.optimizer.warmupSteps=4"));
        if (checkpoint) {
            args.addAll(List.of("--checkpoint-steps", 1));
        }
        CommandRun diverged = CommandRun.of(args.toArray());
        assertThat(diverged.code())
                .as(diverged.err().substring(Math.max(0, diverged.err().length() - 700)))
                .isIn(0, 4);
        assertThat(dump().resolve("manifest.json").toFile().exists()).isEqualTo(checkpoint);
        CommandRun replayed = CommandRun.of("replay", dump());
        assertThat(replayed.code()).as(replayed.err()).isZero();
        assertThat(replayed.out()).contains("now: the problem is repeated: ");
    }

    @Test
    void aPolicyThatBlewUpNamesTheCompletionAgain() throws IOException {
        Path model = directory.resolve("start");
        assertThat(CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", model)
                        .code())
                .isZero();
        Files.writeString(data, "{\"prompt\":\"Question 0?\"}\n{\"prompt\":\"Question 1?\"}\n");
        List<Object> args = new ArrayList<>(List.of("ppo", "train", "--model", model, "--prompts", data, "--out", run));
        args.addAll(List.of("--reward", "org.rlhf4j.cli.ppo.LetterReward", "--episodes", 64, "--max-new-tokens", 24));
        args.addAll(List.of("--set", "training.rolloutSize=32", "--set", "training.ppo.numMinibatches=1"));
        args.addAll(List.of("--set", "training.ppo.optimizer.learningRate=1e30"));
        CommandRun diverged = CommandRun.of(args.toArray());
        assertThat(diverged.code())
                .as(diverged.err().substring(Math.max(0, diverged.err().length() - 700)))
                .isEqualTo(4);
        assertThat(diverged.err())
                .containsPattern(
                        "rlhf ppo train: step \\d: the .* not finite \\(completion \\d to \"Question .*Repeat the step"
                                + " to see why: rlhf replay ");
        CommandRun replayed = CommandRun.of("replay", dump());
        assertThat(replayed.code()).as(replayed.err()).isZero();
        assertThat(replayed.out()).contains("now: the problem is repeated: step ");
    }

    @Test
    void whatIsNoDumpIsSaid() throws IOException {
        CommandRun none = CommandRun.of("replay", directory);
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains(directory + " is no dump: it has no problem.json");

        assertThat(train().code()).isEqualTo(4);
        Path weights = dump().resolve("model-weights.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 3] ^= 4;
        Files.write(weights, bytes);
        CommandRun damaged = CommandRun.of("replay", dump());
        assertThat(damaged.code()).isEqualTo(1);
        assertThat(damaged.err()).contains(weights + ": is not what was written: its SHA-256 is another");
    }
}
