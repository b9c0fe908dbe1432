package org.rlhf4j.cli.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.CommandRun;

/** Every command takes a model by its name on the hub; here the cache has it already. */
class ModelsTest {
    private static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";
    private static final String VARIABLE = "HF_HUB_CACHE";
    private static final String OFFLINE = "HF_HUB_OFFLINE";

    private final Path directory;
    private final Path snapshot;

    ModelsTest(@TempDir Path directory) {
        this.directory = directory;
        this.snapshot = directory.resolve("hub/models--org--tiny/snapshots/" + COMMIT);
    }

    @BeforeEach
    void cache() throws IOException {
        CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", snapshot);
        Path refs = Files.createDirectories(directory.resolve("hub/models--org--tiny/refs"));
        Files.writeString(refs.resolve("main"), COMMIT);
        System.setProperty(VARIABLE, directory.resolve("hub").toString());
        System.setProperty(OFFLINE, "1");
    }

    @AfterEach
    void forget() {
        System.clearProperty(VARIABLE);
        System.clearProperty(OFFLINE);
    }

    @Test
    void aModelIsShownByItsNameOnTheHub() {
        CommandRun byName = CommandRun.of("model", "info", "org/tiny");
        assertThat(byName.err()).isEmpty();
        assertThat(byName.code()).isZero();
        assertThat(byName.out())
                .isEqualTo(CommandRun.of("model", "info", snapshot).out());
        assertThat(CommandRun.of("model", "info", "org/tiny@" + COMMIT).code()).isZero();
    }

    @Test
    void aPolicyIsTrainedFromItsNameAndTheRunSaysWhichCommitItWas() throws IOException {
        Path data = directory.resolve("rows.jsonl");
        Files.writeString(data, "{\"prompt\":\"a\",\"completion\":\"b\"}\n".repeat(4));
        Path run = directory.resolve("run");
        CommandRun trained = CommandRun.of(
                "sft", "train", "--model", "org/tiny", "--data", data, "--out", run, "--set", "training.epochs=1");
        assertThat(trained.err()).doesNotContain("rlhf sft train:");
        assertThat(trained.code()).isZero();
        assertThat(Files.readString(run.resolve("config.yaml"))).contains("model: org/tiny\n");
        assertThat(Json.read(run.resolve("provenance.json")).path("model"))
                .anyMatch(file -> file.path("path")
                        .asText()
                        .equals(snapshot.resolve("model.safetensors").toString()));
    }

    @Test
    void whatIsNeitherThereNorOnTheHubIsOneLine() {
        Map.of(
                        "org/none",
                                "rlhf model info: org/none: there is no such directory, and it is not in the cache (",
                        "no/such/model",
                                "rlhf model info: no/such/model: there is no such directory, and it is no name")
                .forEach((name, line) -> {
                    CommandRun result = CommandRun.of("model", "info", name);
                    assertThat(result.code()).isEqualTo(ExitCode.FAILED);
                    assertThat(result.err()).startsWith(line).hasLineCount(1);
                });
    }

    @Test
    void aScorerWithASlashIsAModelAndOneWithoutIsAClass() {
        assertThat(Models.isModel("org/tiny")).isTrue();
        assertThat(Models.isModel(directory.toString())).isTrue();
        assertThat(Models.isModel("com.example.Politeness")).isFalse();
        assertThat(Models.isModel("a/b/c")).isFalse();
        Path prompts = directory.resolve("rows.jsonl");
        CommandRun compared = CommandRun.of(
                "compare", "--a", "org/tiny", "--b", "org/tiny", "--prompts", prompts, "--scorer", "org/none");
        assertThat(compared.code()).isEqualTo(ExitCode.FAILED);
    }
}
