package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.text.ByteLevelTokenizer;
import org.rlhf4j.testing.Golden;

class ModelPresetTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path parent;

    private Path create(ModelPreset preset, String name, long seed) throws IOException {
        Path target = parent.resolve(name);
        preset.create(Storage.disk(), target, ByteLevelTokenizer.files(ModelPreset.CONTEXT), seed);
        return target;
    }

    @Test
    void sizesAreThoseDocumented() throws IOException {
        try (Checkpoint tiny = Checkpoint.open(create(ModelPreset.TINY, "tiny", 0))) {
            assertThat(tiny.parameters()).isEqualTo(133_824);
            assertThat(tiny.decoderConfig().sizes()).isEqualTo(new ModelConfig.Sizes(259, 64, 176, 2, 8, 8, 8, 4096));
            assertThat(tiny.decoderConfig().tied()).isFalse();
            assertThat(tiny.format()).isEqualTo(WeightFormat.FLOAT32);
            assertThat(tiny.decoderConfig().eosTokenIds()).containsExactly(258);
            assertThat(tiny.decoderConfig().padTokenId()).contains(256);
        }
        try (Checkpoint small = Checkpoint.open(create(ModelPreset.SMALL, "small", 0))) {
            assertThat(small.parameters()).isEqualTo(4_952_832);
        }
    }

    @Test
    void theSameSeedGivesTheSameBytes() throws IOException {
        String first = Storage.sha256(create(ModelPreset.TINY, "a", 5).resolve("model.safetensors"));
        assertThat(Storage.sha256(create(ModelPreset.TINY, "b", 5).resolve("model.safetensors")))
                .isEqualTo(first);
        assertThat(Storage.sha256(create(ModelPreset.TINY, "c", 6).resolve("model.safetensors")))
                .isNotEqualTo(first);
    }

    @Test
    void matricesAreNormalAndNormsAreOne() throws IOException {
        try (LanguageModel model = LanguageModel.open(create(ModelPreset.TINY, "m", 1))) {
            for (String name : model.parameters().names()) {
                float[] values =
                        Torch.call(() -> HostCopy.toFloats(model.parameters().get(name)));
                if (name.endsWith("norm.weight")) {
                    assertThat(values).containsOnly(1f);
                    continue;
                }
                double squares = 0;
                for (float value : values) {
                    squares += (double) value * value;
                }
                double variance = name.equals("model.embed_tokens.weight")
                        ? 0.5 * 0.5
                        : name.equals("lm_head.weight") ? 0.02 * 0.02 : 0.8 * 0.8 / 64;
                // At least 4096 numbers: their mean square has a relative deviation of at most sqrt(2 / 4096) = 2.2 %.
                assertThat(squares / values.length).as(name).isCloseTo(variance, within(variance * 0.09));
            }
        }
    }

    @Test
    void aGivenTokenizerIsWrittenUnchangedAndSetsTheVocabulary() throws IOException {
        Map<String, byte[]> files = Map.of(
                "tokenizer.json", Golden.bytes("tokenizer/bpe/tokenizer.json"),
                "tokenizer_config.json", Golden.bytes("tokenizer/bpe/tokenizer_config.json"));
        Path target = parent.resolve("bpe");
        ModelPreset.TINY.create(Storage.disk(), target, files, 1);
        files.forEach((name, content) -> assertThat(target.resolve(name)).hasBinaryContent(content));
        assertThat(Json.write(Json.read(target.resolve("generation_config.json"))))
                .isEqualTo("{\"bos_token_id\":300,\"eos_token_id\":301,\"pad_token_id\":303}");
        try (Checkpoint checkpoint = Checkpoint.open(target)) {
            assertThat(checkpoint.decoderConfig().sizes().vocabulary()).isEqualTo(305);
            checkpoint.openTokenizer().close();
        }
    }

    @Test
    void aFreshModelIsCloseToUniform() throws IOException {
        try (LanguageModel model = LanguageModel.open(create(ModelPreset.TINY, "m", 1))) {
            float[][][] logits = model.logits(PaddedBatch.of(TestModels.rows(5)));
            double largest = 0;
            for (float[] row : logits[0]) {
                for (float value : row) {
                    largest = Math.max(largest, Math.abs(value));
                }
            }
            // A hidden state of norm sqrt(64) against rows of deviation 0.02: logits deviate by 0.16.
            assertThat(largest).isLessThan(1);
        }
    }

    @Test
    void presetsAreFoundByName() {
        assertThat(ModelPreset.named("small")).isEqualTo(ModelPreset.SMALL);
        assertThatThrownBy(() -> ModelPreset.named("smal")).hasMessageContaining("did you mean \"small\"?");
        assertThatThrownBy(() -> ModelPreset.TINY.create(
                        Storage.disk(), parent.resolve("x"), Map.of("tokenizer.json", new byte[] {'x'}), 1))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("tokenizer.json");
    }
}
