package org.rlhf4j.cli.repeat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.cli.CommandRun;

/** {@code rlhf verify} of runs of every trainer. */
final class VerifyCommandTest {
    private static final String DEMONSTRATIONS = """
            {"prompt":"Question 0?","completion":" good"}
            {"prompt":"Question 1?","completion":" well, and longer"}
            {"prompt":"Question 2?","completion":" fine"}
            """;
    private static final String PAIRS = """
            {"prompt":"Question 0?","chosen":" good","rejected":" bad"}
            {"prompt":"Question 1?","chosen":" well","rejected":" ill, and longer"}
            {"prompt":"Question 2?","chosen":" fine","rejected":" poor"}
            """;

    private final Path directory;
    private final Path run;
    private final Path start;

    VerifyCommandTest(@TempDir Path directory) {
        this.directory = directory;
        this.run = directory.resolve("run");
        this.start = directory.resolve("start");
    }

    private Path data(String trainer) {
        return directory.resolve(trainer + ".jsonl");
    }

    private void trained(String trainer, Object... more) throws IOException {
        CommandRun made = CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", start);
        assertThat(made.code()).as(made.err()).isZero();
        boolean pairs = trainer.equals("reward") || trainer.equals("dpo");
        Files.writeString(data(trainer), pairs ? PAIRS : DEMONSTRATIONS);
        List<Object> args = new ArrayList<>(List.of(trainer, "train", "--out", run));
        switch (trainer) {
            case "control" -> args.addAll(List.of("--env", "CartPole-v1", "--steps", 2048, "--set", "numSteps=128"));
            case "ppo" -> {
                args.addAll(List.of("--model", start, "--prompts", data(trainer), "--max-new-tokens", 4));
                args.addAll(List.of("--reward", "org.rlhf4j.cli.ppo.LetterReward", "--episodes", 16));
                args.addAll(List.of("--set", "training.rolloutSize=4", "--set", "training.ppo.numMinibatches=1"));
            }
            default -> {
                args.addAll(List.of("--model", start, "--data", data(trainer), "--eval-data", data(trainer)));
                for (String setting : List.of("maxSteps=8", "batchSize=2", "loggingSteps=2", "evalSteps=4")) {
                    args.addAll(List.of("--set", "training." + setting));
                }
                args.addAll(List.of("--set", "training.microBatchSize=1"));
            }
        }
        args.addAll(List.of(more));
        CommandRun trained = CommandRun.of(args.toArray());
        assertThat(trained.code()).as(trained.err()).isIn(0, 130);
    }

    private void assertDiffers(String... words) {
        CommandRun verified = CommandRun.of("verify", run, "--json");
        assertThat(verified.code()).as(verified.err()).isEqualTo(1);
        assertThat(verified.out()).contains(words);
        assertThat(verified.json().path("equal").asBoolean()).isFalse();
        assertThat(verified.json().path("differences")).isNotEmpty();
    }

    @ParameterizedTest
    @Tag("slow")
    @ValueSource(strings = {"sft", "reward", "dpo"})
    void supervisedRunsAreRepeatedToTheLastBit(String trainer) throws IOException {
        aRunIsRepeatedToTheLastBit(trainer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ppo", "control"})
    void aRunIsRepeatedToTheLastBit(String trainer) throws IOException {
        trained(trainer);
        CommandRun verified = CommandRun.of("verify", run, "--steps", 3, "--json");
        assertThat(verified.code()).as(verified.out() + verified.err()).isZero();
        assertThat(verified.out()).startsWith("equal: ").contains(" lines of metrics, up to step ");
        assertThat(verified.json().path("equal").asBoolean()).isTrue();
        assertThat(verified.json().path("lines").asInt()).isPositive();
        assertThat(verified.json().path("platform")).isEmpty();
    }

    @Test
    void anInterruptedRunThatWentOnIsRepeatedToo() throws IOException {
        trained("sft", "--stop-after", 5);
        assertThat(CommandRun.of("verify", run).out()).startsWith("equal: 3 lines of metrics, up to step 4");
        CommandRun resumed = CommandRun.of("sft", "train", "--resume", "--out", run);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(CommandRun.of("verify", run).out()).startsWith("equal: 6 lines of metrics, up to step 8");
    }

    @Test
    void aChangedSeedIsFound() throws IOException {
        trained("sft");
        Path config = run.resolve("config.yaml");
        Files.writeString(config, Files.readString(config).replace("seed: 42", "seed: 43"));
        assertDiffers("step 2: loss was ", " (relative difference ");
    }

    @Test
    void aChangedFigureIsFound() throws IOException {
        trained("sft");
        Path metrics = run.resolve("metrics.jsonl");
        String text = Files.readString(metrics);
        int at = text.indexOf("\"grad_norm\":") + 14;
        char digit = text.charAt(at + 3);
        char other = digit == '1' ? '2' : '1';
        Files.writeString(metrics, text.substring(0, at + 3) + other + text.substring(at + 4));
        assertDiffers("step 2: grad_norm was ");
    }

    @Test
    void changedDataIsFound() throws IOException {
        trained("dpo");
        Files.writeString(data("dpo"), PAIRS.replace("fine", "Fine"));
        assertDiffers(data("dpo") + " is not what the run was made from: its SHA-256 is another");
        Files.delete(data("dpo"));
        assertDiffers(data("dpo") + " is not there any more, and the run was made from it");
    }

    @Test
    void aChangedWeightIsFound() throws IOException {
        trained("reward");
        Path weights = start.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        bytes[bytes.length - 1] ^= 1;
        Files.write(weights, bytes);
        assertDiffers(weights + " is not what the run was made from: its SHA-256 is another");
    }

    @Test
    void aRunThatWentOnWithOtherSettingsIsNotThatOfItsSettings() throws IOException {
        trained("sft", "--stop-after", 5);
        CommandRun resumed = CommandRun.of(
                "sft",
                "train",
                "--resume",
                "--out",
                run,
                "--set",
                "training.maxSteps=6",
                "--allow-changed",
                "training.maxSteps");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertDiffers("the run went on at step 5 with another training.maxSteps (8, then 6)");
    }

    @Test
    void whatIsNoRunIsSaid() {
        CommandRun none = CommandRun.of("verify", directory);
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains(directory + " is no run directory: it has no config.yaml");
    }
}
