package org.rlhf4j.cli.ppo;

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

class PpoTrainCommandTest {
    private static final String LETTERS = LetterReward.class.getName();

    @TempDir
    private Path directory;

    private Path model;
    private Path prompts;

    @BeforeEach
    void files() {
        model = directory.resolve("start");
        assertThat(CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", model)
                        .code())
                .isZero();
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            rows.append("{\"prompt\":\"Question ").append(i).append("?\"}\n");
        }
        prompts = write("prompts.jsonl", rows.toString());
    }

    @Test
    void trainWritesARunDirectoryAndItsSettingsRepeatItToTheByte() throws IOException {
        Path run = directory.resolve("new/run");
        CommandRun result = train(run, "--reward", LETTERS, "--eval-data", prompts, "--json");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(run.toFile().list())
                .containsExactlyInAnyOrder(
                        "config.yaml", "provenance.json", "run.lock", "metrics.jsonl", "samples.jsonl", "model");
        assertThat(result.out())
                .startsWith(run.resolve("model") + " after 3 steps: mean score ")
                .contains(" on held-out prompts, KL from the start ");
        List<JsonNode> metrics = lines(run.resolve("metrics.jsonl"));
        assertThat(metrics).hasSize(3);
        for (String name : List.of(
                "eps",
                "objective/kl",
                "objective/entropy",
                "objective/non_score_reward",
                "objective/rlhf_reward",
                "objective/scores",
                "policy/approxkl_avg",
                "policy/clipfrac_avg",
                "loss/policy_avg",
                "loss/value_avg",
                "val/clipfrac_avg",
                "policy/entropy_avg",
                "val/ratio",
                "val/ratio_var",
                "val/num_eos_tokens",
                "lr",
                "episode",
                "tokens_per_second",
                "time/generate",
                "time/score",
                "time/evaluate",
                "time/update")) {
            assertThat(metrics).as(name).allMatch(line -> line.path(name).isNumber());
        }
        // Before the first update the policy is its reference, and learning starts from the policy that wrote.
        assertThat(metrics.get(0).path("objective/kl").asDouble()).isZero();
        assertThat(metrics)
                .allMatch(line -> line.path("val/first_ratio_deviation").asDouble() < 1e-4);
        JsonNode sample = lines(run.resolve("samples.jsonl")).get(0);
        long letters = sample.path("completion")
                .asText()
                .chars()
                .filter(letter -> letter == 'e')
                .count();
        assertThat(sample.path("score").asDouble()).isEqualTo((double) letters);
        assertThat(sample.path("prompt").asText()).startsWith("Question ");

        Path again = directory.resolve("again");
        assertThat(CommandRun.of("ppo", "train", "--config", run.resolve("config.yaml"), "--out", again)
                        .code())
                .isZero();
        assertThat(again.resolve("model/model.safetensors"))
                .hasSameBinaryContentAs(run.resolve("model/model.safetensors"));
        assertThat(again.resolve("samples.jsonl")).hasSameTextualContentAs(run.resolve("samples.jsonl"));
    }

    @Test
    void severalRewardsAreAddedUpByTheirWeights() throws IOException {
        Path rewardModel = rewardModel();
        Path run = directory.resolve("run");
        CommandRun result = train(
                run, "--reward", LETTERS + "=-0.5", "--reward", rewardModel, "--set", "training.critic.start=reward");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("; without --eval-data nothing says how it does on other prompts");
        for (JsonNode line : lines(run.resolve("metrics.jsonl"))) {
            double sum = -0.5 * line.path("scores/" + LETTERS).asDouble()
                    + line.path("scores/" + rewardModel).asDouble();
            assertThat(line.path("objective/scores").asDouble()).isCloseTo(sum, within(1e-9));
        }
        assertThat(Files.readString(run.resolve("provenance.json")))
                .contains(rewardModel.resolve("model.safetensors").toString());
    }

    @Test
    void aRunThatTheGuardStopsLeavesTheLastGoodWeights() {
        Path run = directory.resolve("run");
        CommandRun result = train(
                run,
                "--reward",
                LETTERS,
                "--set",
                "training.guard.maxKl=null",
                "--set",
                "training.guard.minEntropy=20",
                "--set",
                "training.guard.patience=2");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err())
                .contains("step 0: entropy ", "step 1: entropy ", " below the limit of 20.00 nats a token");
        assertThat(result.out())
                .startsWith(run.resolve("model") + " after 2 steps, stopped: entropy ")
                .contains("; the weights are those after 0 steps")
                .doesNotContain("mean score");
        assertThat(run.resolve("model/model.safetensors")).hasSameBinaryContentAs(model.resolve("model.safetensors"));
    }

    @Test
    void whatCannotBeDoneIsOneLineAndLeavesNoDirectory() {
        Path run = directory.resolve("run");
        write("long.jsonl", "{\"prompt\":\"fine\"}\n{\"prompt\":\"" + "x".repeat(600) + "\"}\n");
        prompts = directory.resolve("long.jsonl");
        refused(1, train(run, "--reward", LETTERS, "--max-length", 512), prompts + ":2: the prompt has ");

        write("none.jsonl", "{\"text\":\"fine\"}\n");
        prompts = directory.resolve("none.jsonl");
        refused(1, train(run, "--reward", LETTERS), "none.jsonl");

        prompts = write("fine.jsonl", "{\"prompt\":\"fine\"}\n");
        refused(2, train(run, "--reward", "Missing"), "--reward Missing: there is no such directory and no such class");
        refused(
                2,
                train(run, "--reward", LETTERS, "--set", "training.critic.start=reward"),
                "training.critic.start is reward, but no --reward is a reward model");
        refused(2, train(run), "rewards");
        refused(2, train(run, "--reward", LETTERS, "--set", "training.kl.target=1", "--kl-coef", 0), "coef");
        refused(2, train(run, "--reward", LETTERS, "--set", "training.kl.placement=loss"), "choose k2");
        refused(1, train(run, "--reward", LETTERS, "--set", "training.critic.warmup=3"), "would learn nothing");
        prompts = write("chat.jsonl", "{\"prompt\":[{\"role\":\"user\",\"content\":\"Hi\"}]}\n");
        refused(1, train(run, "--reward", LETTERS, "--chat-format", "chatml"), "is a conversation");
        assertThat(run).doesNotExist();
    }

    @Test
    void aRewardThatFailsOnTheWayLeavesWhatWasLearned() {
        Path run = directory.resolve("run");
        CommandRun result = train(run, "--reward", TiredReward.class.getName());
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .contains("the policy as it was before the failure is in " + run.resolve("unfinished"))
                .contains("completion 4 to \"Question ", "the reward " + TiredReward.class.getName());
        assertThat(run.resolve("unfinished/model.safetensors")).exists();
        assertThat(run.resolve("model")).doesNotExist();
        assertThat(run.resolve("metrics.jsonl")).isNotEmptyFile();
    }

    @Test
    void heldOutPromptsThatAreTrainedOnTooAreCounted() {
        CommandRun result = train(directory.resolve("run"), "--reward", LETTERS, "--eval-data", prompts);
        assertThat(result.err()).contains("8 of 8 held-out prompts are trained on too");
    }

    @Test
    void promptsWithoutRoomAreLeftOutAndCountedWhereThatIsChosen() {
        write("long.jsonl", "{\"prompt\":\"fine\"}\n{\"prompt\":\"fine\"}\n{\"prompt\":\"" + "x".repeat(600) + "\"}\n");
        prompts = directory.resolve("long.jsonl");
        CommandRun result =
                train(directory.resolve("run"), "--reward", LETTERS, "--max-length", 512, "--on-overlong", "drop");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.err())
                .contains(prompts + ": 1 prompts kept", "; 1 left out as too long", ": 1 rows repeat a prompt");
    }

    private static void refused(int code, CommandRun run, String reason) {
        assertThat(run.code()).as(run.err()).isEqualTo(code);
        String last = run.err().lines().reduce((first, second) -> second).orElseThrow();
        assertThat(run.err()).contains(reason).doesNotContain("\tat ");
        assertThat(last).startsWith("rlhf ppo train: ");
    }

    private Path rewardModel() {
        Path pairs = write("pairs.jsonl", "{\"prompt\":\"Question?\",\"chosen\":\"good\",\"rejected\":\"bad\"}\n");
        Path run = directory.resolve("reward");
        CommandRun result = CommandRun.of("reward", "train", "--model", model, "--data", pairs, "--out", run);
        assertThat(result.code()).as(result.err()).isZero();
        return run.resolve("model");
    }

    private CommandRun train(Path out, Object... more) {
        List<Object> args = new ArrayList<>(List.of("ppo", "train", "--model", model, "--prompts", prompts));
        args.addAll(List.of("--out", out, "--seed", 1, "--episodes", 12, "--max-new-tokens", 8));
        args.addAll(List.of("--set", "training.rolloutSize=4"));
        args.addAll(List.of("--set", "training.ppo.optimizer.learningRate=1e-3"));
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

    private static List<JsonNode> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream().map(Json::parse).toList();
    }
}
