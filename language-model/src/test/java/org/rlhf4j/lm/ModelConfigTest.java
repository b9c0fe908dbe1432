package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Property;

class ModelConfigTest {
    private static ModelConfig with(String json) {
        ObjectNode config = TestModels.config();
        config.setAll((ObjectNode) Json.parse(json.replace('\'', '"')));
        return TestModels.read(config);
    }

    private static Rope llama3() {
        return new Rope(500_000, new RopeScaling.Llama3(8, 1, 4, 8192));
    }

    @Test
    void absentKeysHaveTheDefaultsOfTheFormat() {
        ModelConfig config = TestModels.read(TestModels.config());
        assertThat(config.family()).isEqualTo(ModelFamily.LLAMA);
        assertThat(config.sizes()).isEqualTo(new ModelConfig.Sizes(11, 8, 12, 2, 2, 1, 4, 128));
        assertThat(config.normEps()).isEqualTo(1e-6);
        assertThat(config.rope(0).orElseThrow()).isEqualTo(new Rope(10_000, new RopeScaling.Plain()));
        assertThat(config.window(0)).isEmpty();
        assertThat(config.window(1)).isEmpty();
        assertThat(Part.values()).noneMatch(config::biased);
        assertThat(config.tied()).isFalse();
        assertThat(config.labels()).isEmpty();
        assertThat(config.format()).isEmpty();
        assertThat(config.eosTokenIds()).isEmpty();
        assertThat(config.padTokenId()).isEmpty();
    }

    @Test
    void nullIsTheSameAsAbsent() {
        ModelConfig config = with("{'num_key_value_heads': null, 'head_dim': null, 'rope_scaling': null,"
                + " 'rope_parameters': null, 'eos_token_id': null, 'torch_dtype': null}");
        assertThat(config.sizes().keyValueHeads()).isEqualTo(2);
        assertThat(config.sizes().headDim()).isEqualTo(4);
    }

    @Test
    void keysOfTransformers4And5SayTheSame() {
        String scaling = "'factor': 8.0, 'low_freq_factor': 1.0, 'high_freq_factor': 4.0,"
                + " 'original_max_position_embeddings': 8192";
        List<String> spellings = List.of(
                "{'rope_theta': 500000.0, 'rope_scaling': {'rope_type': 'llama3', " + scaling + "}}",
                "{'rope_theta': 500000, 'rope_scaling': {'type': 'llama3', 'rope_type': 'llama3', " + scaling + "}}",
                "{'rope_parameters': {'rope_theta': 500000.0, 'rope_type': 'llama3', " + scaling + "}}",
                "{'rope_theta': 500000.0, 'rope_scaling': {'rope_type': 'llama3', " + scaling + "},"
                        + " 'rope_parameters': {'rope_theta': 500000.0, 'rope_type': 'llama3', " + scaling + "}}");
        for (String spelling : spellings) {
            assertThat(with(spelling).rope(0).orElseThrow()).as(spelling).isEqualTo(llama3());
        }
        assertThat(with("{'torch_dtype': 'bfloat16'}").format()).contains(WeightFormat.BFLOAT16);
        assertThat(with("{'dtype': 'bfloat16', 'torch_dtype': 'bfloat16'}").format())
                .contains(WeightFormat.BFLOAT16);
        assertThat(with("{'eos_token_id': 3}").eosTokenIds()).containsExactly(3);
        assertThat(with("{'eos_token_id': [3, 5]}").eosTokenIds()).containsExactly(3, 5);
        assertThat(with("{'pad_token_id': -1}").padTokenId()).isEmpty();
        assertThat(with("{'id2label': {'0': 'LABEL_0'}, 'num_labels': 1}").labels())
                .contains(1);
        assertThat(with("{'id2label': {'0': 'a', '1': 'b'}}").labels()).contains(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'rope_theta': 500000, 'rope_parameters': {'rope_theta': 10000.0}} | \"rope_theta\" is 500000.0 and 10000.0",
                "{'rope_scaling': {'type': 'linear', 'rope_type': 'llama3'}} | disagree: \"llama3\" and \"linear\"",
                "{'rope_scaling': {'type': 'linear', 'factor': 2.0}, 'rope_parameters': {'rope_type': 'default'}}"
                        + " | \"rope_parameters\" and \"rope_scaling\" disagree",
                "{'dtype': 'float16', 'torch_dtype': 'float32'} | \"dtype\" is \"float16\" but \"torch_dtype\" is \"float32\"",
                "{'num_labels': 2, 'id2label': {'0': 'LABEL_0'}} | \"num_labels\" is 2 but \"id2label\" has 1 entries",
            })
    void keysThatDisagreeAreRefused(String json, String message) {
        assertThatThrownBy(() -> with(json))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("config.json: ")
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'model_type': 'lama'} | unknown model_type \"lama\", did you mean \"llama\"? (known: llama, mistral, qwen2,",
                "{'model_type': 'mamba2'} | gpt2, gpt_neox, falcon)",
                "{'model_type': 'gemma3'} | use its text part",
                "{'hidden_act': 'geluu'} | field \"hidden_act\" is not supported: unknown activation \"geluu\", did you"
                        + " mean \"gelu\"?",
                "{'rope_scaling': {'type': 'proportional', 'factor': 2.0}}"
                        + " | rope type \"proportional\" in \"rope_scaling\" is not supported (known: default, linear,"
                        + " dynamic, llama3, yarn, longrope)",
                "{'rope_parameters': {'rope_type': 'longrope'}} | field \"rope_parameters.short_factor\" is missing",
                "{'rope_parameters': {'rope_type': 'longrope', 'short_factor': [1], 'long_factor': [1, 2]}}"
                        + " | short_factor has 1 numbers and long_factor has 2",
                "{'rope_parameters': {'rope_type': 'longrope', 'short_factor': [1], 'long_factor': [1]}}"
                        + " | have 1 numbers for the 2 pairs of a head",
                "{'rope_parameters': {'rope_type': 'longrope', 'short_factor': [1, 'x'], 'long_factor': [1, 2]}}"
                        + " | field \"rope_parameters.short_factor\" must hold numbers only",
                "{'rope_scaling': {'type': 'linear', 'factr': 2.0}} | did you mean \"factor\"?",
                "{'rope_scaling': {'type': 'linear'}} | field \"rope_scaling.factor\" is missing",
                "{'rope_scaling': {'type': 'linear', 'factor': 0.5}} | the rope scaling factor is 0.5, must be at least 1",
                "{'rope_parameters': {'partial_rotary_factor': 0.25}} | 1 of the 4 numbers of a head are turned",
                "{'partial_rotary_factor': 1.5} | is 1.5, must be in (0, 1]",
                "{'partial_rotary_factor': 1, 'rope_parameters': {'partial_rotary_factor': 0.5}}"
                        + " | \"partial_rotary_factor\" is 1.0 but \"partial_rotary_factor\" is 0.5",
                "{'alibi': true} | field \"alibi\" is not supported unless it is false",
                "{'rope_theta': 0} | rope_theta is 0.0, must be positive",
                "{'quantization_config': {'bits': 4}} | quantised weights cannot be trained",
                "{'attention_dropout': 0.1} | field \"attention_dropout\"",
                "{'rope_interleaved': true} | field \"rope_interleaved\" is not supported",
                "{'is_causal': false} | field \"is_causal\" is not supported unless it is true",
                "{'dtype': 'float8_e4m3fn'} | unknown weight format",
            })
    void whatIsNotSupportedIsNamedWithWhatIs(String json, String message) {
        assertThatThrownBy(() -> with(json))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'vocab_size': 0} | vocab_size is 0",
                "{'vocab_size': 1000000000000} | beyond 32 bits",
                "{'vocab_size': '11'} | must be an integer but is a string",
                "{'hidden_size': -8} | must be positive",
                "{'hidden_size': 9} | hidden_size 9 is not a multiple of num_attention_heads 2",
                "{'num_attention_heads': 0} | must be positive",
                "{'num_attention_heads': 4, 'num_key_value_heads': 3} | num_attention_heads 4 is not a multiple of"
                        + " num_key_value_heads 3",
                "{'head_dim': 3} | 3 of the 3 numbers of a head are turned; rotary embedding needs pairs",
                "{'num_hidden_layers': 1000000000} | num_hidden_layers is 1000000000, must be in 1..10000",
                "{'max_position_embeddings': 0} | max_position_embeddings is 0",
                "{'rms_norm_eps': 0} | field \"rms_norm_eps\" is 0.0",
                "{'eos_token_id': 11} | field \"eos_token_id\" is 11, outside 0..10",
                "{'eos_token_id': [1, 99]} | field \"eos_token_id\" is 99, outside 0..10",
                "{'pad_token_id': -2} | field \"pad_token_id\" is -2",
                "{'tie_word_embeddings': 1} | must be true or false",
            })
    void sizesThatCannotBeAreRefused(String json, String message) {
        assertThatThrownBy(() -> with(json))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model_type",
                "vocab_size",
                "hidden_size",
                "intermediate_size",
                "num_hidden_layers",
                "num_attention_heads"
            })
    void sizesHaveNoDefaults(String key) {
        ObjectNode config = TestModels.config();
        config.remove(key);
        assertThatThrownBy(() -> TestModels.read(config))
                .isInstanceOf(DataFormatException.class)
                .hasMessage("config.json: field \"" + key + "\" is missing");
    }

    static Stream<String> models() {
        return DecoderParityTest.models();
    }

    @ParameterizedTest
    @MethodSource("models")
    void whatIsWrittenReadsBackAsTheSameModelUnderBothVersionsKeys(String name) {
        JsonNode original = Json.parse(Golden.bytes("models/" + name + "/config.json"));
        ModelConfig config = ModelConfig.of(original, "config.json");
        Head head = name.contains("_rm") ? Head.SCALAR : Head.LANGUAGE_MODEL;
        ObjectNode written = config.toJson(head, WeightFormat.BFLOAT16);

        assertThat(written.get("dtype").textValue()).isEqualTo("bfloat16");
        assertThat(written.get("torch_dtype").textValue()).isEqualTo("bfloat16");
        assertThat(written.get("architectures").get(0).textValue())
                .isEqualTo(config.family().architecture(head));
        assertThat(written.path("num_labels").asInt(0)).isEqualTo(head == Head.SCALAR ? 1 : 0);
        for (List<String> dropped : List.of(
                List.<String>of(),
                List.of("rope_parameters", "dtype"),
                List.of("rope_theta", "rope_scaling", "torch_dtype"))) {
            ObjectNode seen = written.deepCopy();
            seen.remove(dropped);
            ModelConfig again = ModelConfig.of(seen, "config.json");
            assertThat(again.sizes()).isEqualTo(config.sizes());
            for (int layer = 0; layer < config.sizes().layers(); layer++) {
                assertThat(again.window(layer)).isEqualTo(config.window(layer));
            }
            assertThat(TensorNames.model(again, head)).isEqualTo(TensorNames.model(config, head));
            assertThat(again.rope(0)).isEqualTo(config.rope(0));
            assertThat(again.rope(1)).isEqualTo(config.rope(1));
            assertThat(again.tied()).isEqualTo(config.tied());
            assertThat(again.normEps()).isEqualTo(config.normEps());
            assertThat(again.format()).contains(WeightFormat.BFLOAT16);
        }
        // Every other key is as it was.
        original.fieldNames().forEachRemaining(key -> {
            if (!List.of(
                            "architectures",
                            "dtype",
                            "torch_dtype",
                            "rope_theta",
                            "rope_scaling",
                            "rope_parameters",
                            "id2label",
                            "label2id")
                    .contains(key)) {
                assertThat(written.get(key)).as(key).isEqualTo(original.get(key));
            }
        });
    }

    @Test
    void unknownKeysAreKept() {
        ObjectNode written = with("{'_name_or_path': 'x', 'auto_map': {'a': [1, 2.5, null]}}")
                .toJson(Head.LANGUAGE_MODEL, WeightFormat.FLOAT32);
        assertThat(written.get("_name_or_path").textValue()).isEqualTo("x");
        assertThat(written.get("auto_map")).isEqualTo(Json.parse("{\"a\": [1, 2.5, null]}"));
    }

    @Test
    void aPaddingTokenCanBeChosen() {
        ModelConfig config = TestModels.read(TestModels.config());
        assertThat(config.withPadTokenId(4).padTokenId()).contains(4);
        assertThat(config.padTokenId()).isEmpty();
        assertThatThrownBy(() -> config.withPadTokenId(11)).hasMessageContaining("outside 0..10");
    }

    @Test
    void aLimitBeyondTheContextIsRefused() {
        ModelConfig config = TestModels.read(TestModels.config());
        config.requireWithinContext(128);
        assertThatThrownBy(() -> config.requireWithinContext(129))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("up to 129 tokens are asked for, but the model's context is 128 tokens");
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama3_tied", "qwen3_window"})
    void damagedFilesGiveTypedErrorsOnly(String name) {
        byte[] golden = Golden.bytes("models/" + name + "/config.json");
        Property.forAll(
                2000,
                draws -> {
                    byte[] damaged = golden.clone();
                    for (int i = draws.between(1, 4); i > 0; i--) {
                        damaged[draws.between(0, damaged.length - 1)] = (byte) draws.between(9, 126);
                    }
                    return new String(damaged, StandardCharsets.ISO_8859_1);
                },
                text -> {
                    try {
                        ModelConfig config = ModelConfig.of(Json.parse(text), "config.json");
                        // What was accepted can be written and read again.
                        ModelConfig.of(config.toJson(Head.LANGUAGE_MODEL, WeightFormat.FLOAT32), "config.json");
                    } catch (DataFormatException e) {
                        assertThat(e.getMessage()).isNotBlank();
                    }
                });
    }

    @Test
    void frequenciesFollowEachScaling() {
        // theta^(-2i/d) for d = 4: 1 and 1/100.
        assertThat(new Rope(10_000, new RopeScaling.Plain()).frequencies(4, 1)).containsExactly(1.0, 0.01);
        assertThat(new Rope(10_000, new RopeScaling.Linear(4)).frequencies(4, 1))
                .containsExactly(0.25, 0.0025);
        // Wavelengths 2 pi = 6.28 and 628.3 against 64/4 = 16 and 64/1 = 64: the first stays, the second is divided by
        // 8.
        double[] bands = new Rope(10_000, new RopeScaling.Llama3(8, 1, 4, 64)).frequencies(4, 1);
        assertThat(bands[0]).isEqualTo(1.0);
        assertThat(bands[1]).isCloseTo(0.00125, within(1e-15));
        // theta 25 gives wavelength 10 pi = 31.4 in between: kept (64/31.416 - 1)/(4 - 1) = 0.3457 of it,
        // so 0.2 (0.3457 + (1 - 0.3457)/8) = 0.085503.
        double blended = new Rope(25, new RopeScaling.Llama3(8, 1, 4, 64)).frequencies(4, 1)[1];
        assertThat(blended).isCloseTo(0.085503, within(1e-6));
    }
}
