package org.rlhf4j.cli.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.CommandRun;

/** The training commands with an adapter, and what their results are good for. */
class LoraCommandsTest {
    private static final String ROWS = """
            {"prompt":"Question 0?","chosen":" good","rejected":" bad"}
            {"prompt":"Question 1?","chosen":" well","rejected":" badly"}
            """;

    private final Path directory;

    LoraCommandsTest(@TempDir Path directory) {
        this.directory = directory;
    }

    private CommandRun done(Object... args) {
        CommandRun run = CommandRun.of(args);
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    private Path start() throws IOException {
        Files.writeString(directory.resolve("rows.jsonl"), ROWS);
        Path model = directory.resolve("start");
        done("model", "create", "--preset", "tiny", "--seed", 3, "--out", model);
        return model;
    }

    private Path train(String command, Path model, Object... more) {
        Path out = directory.resolve(command + directory.toFile().list().length);
        List<Object> args = new ArrayList<>(List.of(command, "train", "--model", model, "--out", out));
        args.addAll(List.of(command.equals("ppo") ? "--prompts" : "--data", directory.resolve("rows.jsonl")));
        args.addAll(List.of(more));
        done(args.toArray());
        return out.resolve("model");
    }

    @Test
    void anAdapterOfFineTuningIsTrainedOnByDpoAndMerged() throws IOException {
        Path model = start();
        String rate = "training.optimizer.learningRate=0.01";
        Path sft = train("sft", model, "--lora-rank", 4, "--lora-dropout", 0.1, "--set", rate);
        assertThat(sft.toFile().list())
                .contains("adapter_config.json", "adapter_model.safetensors", "rlhf4j_base.json", "tokenizer.json")
                .doesNotContain("model.safetensors");
        assertThat(Json.read(sft.resolve("adapter_config.json")).path("r").intValue())
                .isEqualTo(4);
        assertThat(Files.size(sft.resolve("adapter_model.safetensors")))
                .isLessThan(Files.size(model.resolve("model.safetensors")) / 2);
        assertThat(done("model", "info", sft).out()).contains("rank 4").contains(model.toString());

        Path dpo = train("dpo", sft, "--set", rate, "--set", "reference=live");
        CommandRun adapted = done("generate", "--model", dpo, "--prompt", "Question 0?", "--max-new-tokens", 8);
        Path merged = directory.resolve("merged");
        done("model", "merge", dpo, "--out", merged);
        CommandRun whole = done("generate", "--model", merged, "--prompt", "Question 0?", "--max-new-tokens", 8);
        assertThat(whole.out()).isEqualTo(adapted.out());
        CommandRun twice = CommandRun.of(
                "sft",
                "train",
                "--model",
                sft,
                "--data",
                directory.resolve("rows.jsonl"),
                "--lora",
                "--out",
                directory.resolve("twice"));
        assertThat(twice.err()).contains("is an adapter already");
    }

    @Test
    void aRewardModelAndPpoTrainAdapters() throws IOException {
        Path model = start();
        Path reward = train("reward", model, "--lora", "--lora-targets", "q_proj,v_proj", "--lora-dora");
        assertThat(Json.read(reward.resolve("adapter_config.json"))
                        .path("task_type")
                        .textValue())
                .isEqualTo("SEQ_CLS");
        Path merged = directory.resolve("merged");
        done("model", "merge", reward, "--out", merged);
        Path policy = train(
                "ppo",
                model,
                "--lora",
                "--reward",
                reward,
                "--max-new-tokens",
                4,
                "--set",
                "training.rolloutSize=4",
                "--set",
                "training.totalEpisodes=8");
        assertThat(policy.resolve("adapter_model.safetensors")).exists();
    }

    @Test
    void aDayThatIsNoneIsSaidInOneLine() throws IOException {
        CommandRun run = CommandRun.of(
                "sft",
                "train",
                "--model",
                start(),
                "--data",
                directory.resolve("rows.jsonl"),
                "--out",
                directory.resolve("out"),
                "--template-date",
                "2025-13-01");
        assertThat(run.code()).isNotZero();
        assertThat(run.err())
                .contains("'2025-13-01' is no date, give YYYY-MM-DD")
                .doesNotContain("java");
    }
}
