package org.rlhf4j.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
    @Test
    void theRewardModelComesNearTheNoiseCeilingAndDpoAndPpoRaiseTheTrueReward(@TempDir Path folder) {
        CommandRun run = CommandRun.quickstart(folder.resolve("quickstart"), 1);

        assertThat(run.code()).as(run.err()).isZero();
        double accuracy = run.figure("reward_model.accuracy");
        assertThat(run.figure("reward_model.n")).isGreaterThanOrEqualTo(2000);
        assertThat(accuracy).isGreaterThanOrEqualTo(run.figure("reward_model.ceiling") - 0.03);
        assertThat(run.figure("reward_model.spearman")).isGreaterThan(0.9);
        assertThat(run.figure("reward_model.shortcut_accuracy")).isLessThanOrEqualTo(accuracy - 0.10);
        assertThat(List.of("dpo", "ppo")).allSatisfy(method -> {
            assertThat(run.gain(method))
                    .as("standard deviations of the SFT model")
                    .isGreaterThanOrEqualTo(1);
            assertThat(run.figure("kl." + method)).isPositive();
        });
        // What a word count can choose among the SFT model's samples explains little of that.
        assertThat(run.figure("true_reward.best_of_4_word_counts") - run.figure("true_reward.sft"))
                .isLessThan(0.2 * (run.figure("true_reward.dpo") - run.figure("true_reward.sft")));
        assertThat(run.json().path("seconds").properties()).isNotEmpty();
        assertThat(run.out()).contains("noise ceiling of the labels", "Spearman of score and true reward");
        // Every step can be repeated by hand, with what it wrote.
        assertThat(run.err())
                .contains(
                        "$ rlhf data convert ",
                        "$ rlhf model create ",
                        "$ rlhf sft train ",
                        "$ rlhf reward train ",
                        "$ rlhf score ",
                        "$ rlhf dpo train ",
                        "$ rlhf ppo train ",
                        "$ rlhf compare ");
        for (String name : List.of("sft", "reward", "dpo", "ppo")) {
            assertThat(folder.resolve("quickstart").resolve(name))
                    .isDirectoryContaining(path -> path.endsWith("config.yaml"))
                    .isDirectoryContaining(path -> path.endsWith("provenance.json"))
                    .isDirectoryContaining(path -> path.endsWith("metrics.jsonl"))
                    .isDirectoryContaining(path -> path.endsWith("model"));
        }
        assertThat(folder.resolve("quickstart/scored.jsonl")).exists();
    }

    @Test
    void aDirectoryInUseIsRefusedAtOnce(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("mine.txt"), "mine");
        CommandRun run = CommandRun.quickstart(folder, 1);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("rlhf quickstart: " + folder + " is not empty: name a new directory with --out\n");
        assertThat(folder).isDirectoryContaining(path -> path.endsWith("mine.txt"));
        assertThat(folder.toFile().list()).hasSize(1);
    }
}
