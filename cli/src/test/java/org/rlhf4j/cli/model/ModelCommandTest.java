package org.rlhf4j.cli.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.CommandRun;
import org.rlhf4j.testing.Golden;

class ModelCommandTest {
    private final Path directory;

    ModelCommandTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void createWritesAModelThatInfoDescribes() throws IOException {
        Path model = directory.resolve("new/model");
        CommandRun created =
                CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", model, "--json");
        assertThat(created.code()).isZero();
        assertThat(created.err()).isEqualTo(model + ": tiny model with 133824 parameters and 259 tokens, seed 3\n");
        assertThat(created.json().path("parameters").asLong()).isEqualTo(133_824);

        CommandRun info = CommandRun.of("model", "info", model, "--json");
        assertThat(info.code()).isZero();
        assertThat(info.out()).startsWith("""
                kind        language model
                family      llama, positions rotary
                sizes       2 layers, hidden 64, intermediate 176, 8 heads (8 for keys and values) of 8
                parameters  133,824, embedding and head apart, stored as float32
                vocabulary  259 embedding rows
                context     4,096 tokens
                memory      0.5 MiB loaded in float32; 2.0 MiB trained with AdamW, activations not counted
                tokenizer   259 tokens; BOS 257, EOS 258, padding 256
                """);
        assertThat(info.json().path("kind").asText()).isEqualTo("language-model");
        assertThat(info.json().path("eos").asInt()).isEqualTo(258);

        Path same = directory.resolve("same");
        CommandRun.of("model", "create", "--preset", "tiny", "--seed", 3, "--out", same);
        assertThat(Storage.sha256(same.resolve("model.safetensors")))
                .isEqualTo(Storage.sha256(model.resolve("model.safetensors")));
    }

    @Test
    void createTakesATokenizerWithTheFilesBesideIt() {
        Path tokenizer = Golden.copyDirectory("tokenizer/bpe", directory).resolve("tokenizer.json");
        Path model = directory.resolve("model");
        CommandRun result =
                CommandRun.of("model", "create", "--preset", "tiny", "--tokenizer", tokenizer, "--out", model);
        assertThat(result.code()).isZero();
        assertThat(CommandRun.of("model", "info", model).out())
                .contains("tokenizer   305 tokens; BOS 300, EOS 301, padding 303");
    }

    @Test
    void infoTellsARewardModelAndAMissingTokenizer() {
        CommandRun info = CommandRun.of("model", "info", Golden.copyDirectory("models/llama_rm", directory), "--json");
        assertThat(info.code()).isZero();
        assertThat(info.out()).contains("kind        reward model (one score a sequence)", "tokenizer   none");
        assertThat(info.json().path("kind").asText()).isEqualTo("reward-model");
    }

    @ParameterizedTest
    @CsvSource({
        "smollm2, llama, language, 0",
        "mistral, mistral, language, 2",
        "mistral_nowindow, mistral, language, 0",
        "qwen2_v4config, qwen2, language, 1",
        "qwen2_rm, qwen2, reward, 1",
        "qwen3, qwen3, language, 0",
        "qwen3_rm, qwen3, reward, 1"
    })
    void infoTellsTheFamilyAndItsWindows(String name, String family, String kind, int windowed) {
        CommandRun info = CommandRun.of("model", "info", Golden.copyDirectory("models/" + name, directory), "--json");
        assertThat(info.code()).isZero();
        assertThat(info.out()).contains("family      " + family + ", positions rotary\n");
        assertThat(info.out()).contains("kind        " + kind + " model");
        assertThat(info.json().path("family").asText()).isEqualTo(family);
        assertThat(info.json().path("window_layers").asInt(-1)).isEqualTo(windowed);
        if (windowed > 0) {
            assertThat(info.out()).contains("window      6 tokens in " + windowed + " of 2 layers\n");
            assertThat(info.json().path("window").asInt()).isEqualTo(6);
        } else {
            assertThat(info.out()).doesNotContain("window      ");
            assertThat(info.json().path("window").isNull()).isTrue();
        }
    }

    @Test
    void wrongUseIsSaidInOneLine() throws IOException {
        Path full = Files.createDirectory(directory.resolve("full"));
        Files.writeString(full.resolve("notes.txt"), "mine");
        CommandRun overwrite = CommandRun.of("model", "create", "--preset", "tiny", "--out", full);
        assertThat(overwrite.code()).isEqualTo(1);
        assertThat(overwrite.err())
                .isEqualTo("rlhf model create: " + full + ": exists already and is not empty: name a new directory\n");

        CommandRun preset = CommandRun.of("model", "create", "--preset", "huge", "--out", directory.resolve("x"));
        assertThat(preset.code()).isEqualTo(2);
        assertThat(preset.err()).contains("--preset").contains("(known: tiny, small)");

        CommandRun tokenizer = CommandRun.of(
                "model", "create", "--preset", "tiny", "--tokenizer", "absent.json", "--out", directory.resolve("x"));
        assertThat(tokenizer.code()).isEqualTo(2);
        assertThat(tokenizer.err()).contains("there is no file absent.json");

        Path run = directory.resolve("run");
        CommandRun.of("model", "create", "--preset", "tiny", "--out", run.resolve("model"));
        assertThat(CommandRun.of("model", "info", run).err()).contains("did you mean " + run.resolve("model") + "?");
        CommandRun absent = CommandRun.of("model", "info", directory.resolve("absent"));
        assertThat(absent.code()).isEqualTo(1);
        assertThat(absent.err())
                .isEqualTo("rlhf model info: " + directory.resolve("absent") + ": there is no such directory\n");
    }
}
