package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;

/** What the families differ in, as transformers reads it from {@code config.json}. */
class ModelFamilyTest {
    private static ModelConfig with(String modelType, String json) {
        ObjectNode config = TestModels.config().put("model_type", modelType);
        config.setAll((ObjectNode) Json.parse(json.replace('\'', '"')));
        return TestModels.read(config);
    }

    /** The windows of both layers, 0 for none. */
    private static List<Integer> windows(ModelConfig config) {
        return List.of(config.window(0).orElse(0), config.window(1).orElse(0));
    }

    private static List<String> attentionTensors(ModelConfig config) {
        String prefix = "model.layers.1.self_attn.";
        return TensorNames.decoder(config).keySet().stream()
                .filter(name -> name.startsWith(prefix))
                .map(name -> name.substring(prefix.length()))
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "llama | LlamaForCausalLM | LlamaForSequenceClassification",
                "mistral | MistralForCausalLM | MistralForSequenceClassification",
                "qwen2 | Qwen2ForCausalLM | Qwen2ForSequenceClassification",
                "qwen3 | Qwen3ForCausalLM | Qwen3ForSequenceClassification",
                "smollm3 | SmolLM3ForCausalLM | SmolLM3ForSequenceClassification",
                "gemma | GemmaForCausalLM | GemmaForSequenceClassification",
                "gemma2 | Gemma2ForCausalLM | Gemma2ForSequenceClassification",
                "gemma3_text | Gemma3ForCausalLM | Gemma3TextForSequenceClassification",
                "phi3 | Phi3ForCausalLM | Phi3ForSequenceClassification",
                "olmo2 | Olmo2ForCausalLM | Olmo2ForSequenceClassification",
                "gpt2 | GPT2LMHeadModel | GPT2ForSequenceClassification",
                "gpt_neox | GPTNeoXForCausalLM | GPTNeoXForSequenceClassification",
                "falcon | FalconForCausalLM | FalconForSequenceClassification"
            })
    void classesAreThoseOfTransformers(String modelType, String languageModel, String classifier) {
        ModelFamily family = ModelFamily.named(modelType);
        assertThat(family.architecture(Head.LANGUAGE_MODEL)).isEqualTo(languageModel);
        assertThat(family.architecture(Head.SCALAR)).isEqualTo(classifier);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "mistral | {'sliding_window': 5} | 5 | 5",
                "mistral | {'sliding_window': null} | 0 | 0",
                "mistral | {} | 4096 | 4096",
                "mistral | {'sliding_window': 5, 'layer_types': ['sliding_attention', 'sliding_attention']} | 5 | 5",
                "qwen2 | {'sliding_window': 5} | 0 | 0",
                "qwen2 | {'sliding_window': 5, 'use_sliding_window': false, 'max_window_layers': 0} | 0 | 0",
                "qwen2 | {'sliding_window': 5, 'use_sliding_window': true} | 0 | 0",
                "qwen2 | {'sliding_window': 5, 'use_sliding_window': true, 'max_window_layers': 1} | 0 | 5",
                "qwen2 | {'sliding_window': 5, 'use_sliding_window': true, 'max_window_layers': 0} | 5 | 5",
                "qwen2 | {'sliding_window': null, 'use_sliding_window': true, 'max_window_layers': 0} | 0 | 0",
                "qwen3 | {'use_sliding_window': true, 'max_window_layers': 0} | 4096 | 4096",
                "qwen3 | {'sliding_window': 5, 'use_sliding_window': true, 'max_window_layers': 1,"
                        + " 'layer_types': ['sliding_attention', 'full_attention']} | 5 | 0",
                "llama | {'sliding_window': null, 'layer_types': ['full_attention', 'full_attention']} | 0 | 0",
                "llama | {'use_sliding_window': true, 'max_window_layers': 0} | 0 | 0",
            })
    void windowsFollowTheKeysOfTheFamily(String modelType, String json, int first, int second) {
        ModelConfig config = with(modelType, json);
        assertThat(windows(config)).containsExactly(first, second);
        ObjectNode written = config.toJson(Head.LANGUAGE_MODEL, WeightFormat.FLOAT32);
        assertThat(windows(TestModels.read(written))).containsExactly(first, second);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "llama | {'sliding_window': 5} | field \"sliding_window\" is not supported: llama models have none",
                "llama | {'layer_types': ['full_attention', 'sliding_attention']} | differs from what a llama model does,"
                        + " which is \"full_attention\" in every layer",
                "mistral | {'layer_types': ['full_attention', 'sliding_attention']} | differs from what a mistral model"
                        + " does, which is \"sliding_attention\" in every layer",
                "mistral | {'sliding_window': 0} | field \"sliding_window\" is 0, must be positive, or null for none",
                "qwen2 | {'layer_types': ['full_attention', 'sliding_attention']} | field \"layer_types\" has"
                        + " \"sliding_attention\", but sliding_window and use_sliding_window give no window",
                "qwen2 | {'layer_types': ['full_attention']} | field \"layer_types\" has 1 entries for 2 layers",
                "qwen3 | {'layer_types': ['full_attention', 'linear_attention']} | field \"layer_types\" has"
                        + " \"linear_attention\"; supported are only \"full_attention\" and \"sliding_attention\"",
                "qwen3 | {'layer_types': 'full_attention'} | field \"layer_types\" must be an array",
                "qwen3 | {'use_sliding_window': 1} | field \"use_sliding_window\" must be true or false",
            })
    void windowsThatCannotBeFollowedAreRefusedByName(String modelType, String json, String message) {
        assertThatThrownBy(() -> with(modelType, json))
                .isInstanceOf(DataFormatException.class)
                .hasMessageStartingWith("config.json: ")
                .hasMessageContaining(message);
    }

    @Test
    void biasesAndHeadNormsAreThoseOfTheFamily() {
        List<String> plain = List.of("q_proj.weight", "k_proj.weight", "v_proj.weight", "o_proj.weight");
        List<String> threeBiases = List.of(
                "q_proj.weight",
                "q_proj.bias",
                "k_proj.weight",
                "k_proj.bias",
                "v_proj.weight",
                "v_proj.bias",
                "o_proj.weight");
        assertThat(attentionTensors(with("llama", "{}"))).isEqualTo(plain);
        assertThat(attentionTensors(with("llama", "{'attention_bias': true}")))
                .containsAll(threeBiases)
                .contains("o_proj.bias")
                .hasSize(8);
        assertThat(attentionTensors(with("mistral", "{'attention_bias': true, 'mlp_bias': true}")))
                .isEqualTo(plain);
        assertThat(attentionTensors(with("qwen2", "{'num_key_value_heads': 1}")))
                .isEqualTo(threeBiases);
        assertThat(attentionTensors(with("qwen2", "{'attention_bias': true}"))).isEqualTo(threeBiases);
        assertThat(attentionTensors(with("qwen3", "{'head_dim': 6}")))
                .containsAll(plain)
                .contains("q_norm.weight", "k_norm.weight")
                .hasSize(6);
        assertThat(attentionTensors(with("qwen3", "{'attention_bias': true}"))).hasSize(10);
        assertThat(with("mistral", "{'mlp_bias': true}").biased(Part.UP)).isFalse();
        assertThat(with("llama", "{'mlp_bias': true}").biased(Part.UP)).isTrue();
    }

    @Test
    void headsOfQwen3NeedNotDivideTheHiddenSize() {
        ModelConfig config = with("qwen3", "{'hidden_size': 10, 'num_attention_heads': 4, 'head_dim': 6}");
        assertThat(TensorNames.decoder(config).get("model.layers.0.self_attn.o_proj.weight"))
                .isEqualTo(new Shape(10, 24));
    }

    @Test
    void absentKeysHaveTheDefaultsOfTheFamily() {
        ObjectNode bare = TestModels.config();
        bare.remove(List.of("num_key_value_heads", "max_position_embeddings"));
        bare.put("num_attention_heads", 32).put("hidden_size", 256);
        bare.put("n_head", 32).put("n_embd", 256).put("n_layer", 2);
        for (ModelFamily family : ModelFamily.values()) {
            ModelConfig.Sizes sizes =
                    TestModels.read(bare.put("model_type", family.modelType())).sizes();
            List<Integer> read = List.of(sizes.context(), sizes.keyValueHeads(), sizes.headDim());
            assertThat(read)
                    .as("%s", family)
                    .isEqualTo(
                            switch (family) {
                                case LLAMA -> List.of(2048, 32, 8);
                                case MISTRAL -> List.of(131_072, 8, 8);
                                case QWEN2 -> List.of(32_768, 32, 8);
                                case QWEN3 -> List.of(32_768, 32, 128);
                                case SMOLLM3 -> List.of(32_768, 4, 8);
                                case GEMMA -> List.of(8192, 16, 256);
                                case GEMMA2 -> List.of(8192, 4, 256);
                                case GEMMA3 -> List.of(131_072, 4, 256);
                                case PHI3 -> List.of(4096, 32, 8);
                                case GPT2 -> List.of(1024, 32, 8);
                                case OLMO2, GPT_NEOX -> List.of(2048, 32, 8);
                                case FALCON -> List.of(2048, 1, 8);
                            });
        }
        bare.put("multi_query", false).put("n_head", 16);
        ObjectNode none = bare.putNull("num_key_value_heads").put("num_attention_heads", 16);
        for (ModelFamily family : ModelFamily.values()) {
            ObjectNode json = none.put("model_type", family.modelType());
            assertThat(TestModels.read(json).sizes().keyValueHeads()).isEqualTo(16);
        }
    }

    /** Readers take a quarter where a file of GPT-NeoX says nothing. */
    @Test
    void wholeHeadsThatAreTurnedAreSavedAsSuch() {
        ModelConfig config = with(
                "gpt_neox",
                "{'rope_parameters': {'rope_type': 'default', 'rope_theta': 10000, 'partial_rotary_factor': 1.0}}");
        assertThat(config.rope(0).orElseThrow().share()).isEqualTo(1);
        ObjectNode written = config.toJson(Head.LANGUAGE_MODEL, WeightFormat.FLOAT32);
        assertThat(written.get("rotary_pct").doubleValue()).isEqualTo(1);
        assertThat(written.get("rope_parameters").get("partial_rotary_factor").doubleValue())
                .isEqualTo(1);
    }

    @Test
    void aLayerWithoutAWindowSaysSo() {
        ModelConfig config = TestModels.read(TestModels.qwen3Config());
        assertThat(config.window(0)).isEqualTo(OptionalInt.of(TestModels.WINDOW));
        assertThat(config.window(1)).isEmpty();
    }
}
