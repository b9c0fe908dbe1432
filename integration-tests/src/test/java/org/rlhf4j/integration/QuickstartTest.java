package org.rlhf4j.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
    @Test
    void theRewardModelComesNearTheNoiseCeilingAndNoShortcutDoes(@TempDir Path folder) {
        QuickstartRun run = QuickstartRun.of(folder.resolve("quickstart"), 1);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.figure("n")).isGreaterThanOrEqualTo(2000);
        assertThat(run.figure("accuracy")).isGreaterThanOrEqualTo(run.figure("ceiling") - 0.03);
        assertThat(run.figure("spearman")).isGreaterThan(0.9);
        assertThat(run.figure("shortcut_accuracy")).isLessThanOrEqualTo(run.figure("accuracy") - 0.10);
        assertThat(run.json().path("seconds").properties()).isNotEmpty();
        assertThat(run.out()).contains("noise ceiling of the labels", "Spearman of score and true reward");
        // Every step can be repeated by hand, with what it wrote.
        assertThat(run.err())
                .contains("$ rlhf data convert ", "$ rlhf model create ", "$ rlhf reward train ", "$ rlhf score ");
        assertThat(folder.resolve("quickstart/reward"))
                .isDirectoryContaining(path -> path.endsWith("config.yaml"))
                .isDirectoryContaining(path -> path.endsWith("provenance.json"))
                .isDirectoryContaining(path -> path.endsWith("metrics.jsonl"))
                .isDirectoryContaining(path -> path.endsWith("model"));
        assertThat(folder.resolve("quickstart/scored.jsonl")).exists();
    }

    @Test
    void aDirectoryInUseIsRefusedAtOnce(@TempDir Path folder) throws Exception {
        Files.writeString(folder.resolve("mine.txt"), "mine");
        QuickstartRun run = QuickstartRun.of(folder, 1);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .isEqualTo("rlhf quickstart: " + folder + " is not empty: name a new directory with --out\n");
        assertThat(folder).isDirectoryContaining(path -> path.endsWith("mine.txt"));
        assertThat(folder.toFile().list()).hasSize(1);
    }
}
