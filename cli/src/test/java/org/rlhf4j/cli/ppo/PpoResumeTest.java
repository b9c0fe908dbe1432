package org.rlhf4j.cli.ppo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.CommandRun;

/** {@code rlhf ppo train --resume}. */
final class PpoResumeTest {
    private static final int ROLLOUT = 4;

    private final Path directory;
    private final Path run;

    PpoResumeTest(@TempDir Path directory) {
        this.directory = directory;
        this.run = directory.resolve("run");
    }

    private CommandRun train(Path out, Object... more) throws IOException {
        Path model = directory.resolve("start");
        Path prompts = directory.resolve("prompts.jsonl");
        if (!Files.exists(model)) {
            CommandRun made = CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", model);
            assertThat(made.code()).as(made.err()).isZero();
            StringBuilder rows = new StringBuilder();
            for (int i = 0; i < 8; i++) {
                rows.append("{\"prompt\":\"Question ").append(i).append("?\"}\n");
            }
            Files.writeString(prompts, rows);
        }
        List<Object> args =
                new ArrayList<>(List.of("ppo", "train", "--model", model, "--prompts", prompts, "--out", out));
        args.addAll(List.of("--reward", FlakyReward.class.getName(), "--checkpoint-steps", 1));
        args.addAll(List.of("--seed", 1, "--episodes", 4 * ROLLOUT, "--max-new-tokens", 8));
        List<String> settings = List.of(
                "rolloutSize=" + ROLLOUT,
                "sampleSteps=1",
                "score.normalize=running",
                "ppo.optimizer.learningRate=1e-3");
        for (String setting : settings) {
            args.addAll(List.of("--set", "training." + setting));
        }
        args.addAll(List.of(more));
        return CommandRun.of(args.toArray());
    }

    private static List<JsonNode> figures(Path run) throws IOException {
        List<JsonNode> figures = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            ObjectNode row = (ObjectNode) Json.parse(line);
            row.remove(
                    List.of("time/generate", "time/score", "time/evaluate", "time/update", "tokens_per_second", "eps"));
            figures.add(row);
        }
        return figures;
    }

    private static void assertSame(Path model, Path expected, String weights) {
        assertThat(model.resolve(weights)).hasSameBinaryContentAs(expected.resolve(weights));
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "adapter_model.safetensors"})
    void aRunWhoseRewardFailedGoesOnAsIfItHadNot(String weights) throws IOException {
        List<Object> more = new ArrayList<>(List.of("--kl-target", 0.1));
        if (weights.startsWith("adapter")) {
            more.add("--lora");
        }
        Path whole = directory.resolve("whole");
        FlakyReward.left = Integer.MAX_VALUE;
        CommandRun trained = train(whole, more.toArray());
        assertThat(trained.code()).as(trained.err()).isZero();

        FlakyReward.left = 2 * ROLLOUT + 1;
        CommandRun failed = train(run, more.toArray());
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err())
                .contains("connection refused")
                .contains("the checkpoint of step 2 is safe; go on with: rlhf ppo train --resume --out " + run);
        assertThat(run.resolve("model")).doesNotExist();

        FlakyReward.left = 2 * ROLLOUT;
        CommandRun resumed = CommandRun.of("ppo", "train", "--resume", "--out", run);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.err()).contains("going on from " + run.resolve("checkpoints/step-000002"));
        assertThat(FlakyReward.left)
                .as("each completion that was left was scored once")
                .isZero();
        assertSame(run.resolve("model"), whole.resolve("model"), weights);
        assertThat(figures(run)).isEqualTo(figures(whole)).hasSize(4);
        assertThat(run.resolve("samples.jsonl")).hasSameTextualContentAs(whole.resolve("samples.jsonl"));
        assertThat(resumed.out().replace(run.toString(), ""))
                .isEqualTo(trained.out().replace(whole.toString(), ""));
        assertThat(run.resolve("unfinished")).doesNotExist();

        CommandRun again = CommandRun.of("ppo", "train", "--resume", "--out", run);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.out()).startsWith("nothing left to do: ");
    }

    @Test
    void whatAFailureLeftIsThereUntilThereIsSomethingBetter() throws IOException {
        Path weights = run.resolve("unfinished/model.safetensors");
        FlakyReward.left = 2 * ROLLOUT + 1;
        assertThat(train(run).code()).isEqualTo(1);
        String before = Storage.sha256(weights);
        FlakyReward.left = ROLLOUT;
        CommandRun stopped = CommandRun.of("ppo", "train", "--resume", "--out", run, "--stop-after", 3);
        assertThat(stopped.out()).as(stopped.err()).contains("interrupted after 3 steps");
        assertThat(Storage.sha256(weights)).isEqualTo(before);
        FlakyReward.left = 1;
        CommandRun failed = CommandRun.of("ppo", "train", "--resume", "--out", run);
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).containsPattern("the policy as it was before the failure is in .*unfinished");
        assertThat(Storage.sha256(weights)).as("a step was learned from").isNotEqualTo(before);
        assertThat(run.resolve("unfinished-1")).doesNotExist();
        FlakyReward.left = Integer.MAX_VALUE;
        assertThat(CommandRun.of("ppo", "train", "--resume", "--out", run).code())
                .isZero();
        assertThat(run.resolve("unfinished")).doesNotExist();
    }

    @Test
    void anotherRewardIsRefusedByItsKey() throws IOException {
        FlakyReward.left = ROLLOUT;
        assertThat(train(run).code()).isEqualTo(1);
        CommandRun other = train(run, "--resume", "--reward", LetterReward.class.getName());
        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("rewards", "--allow-changed rewards");
        CommandRun target = CommandRun.of("ppo", "train", "--resume", "--out", run, "--kl-coef", 0.2);
        assertThat(target.err()).contains("training.kl.coef was 0.05, is 0.2");
    }
}
