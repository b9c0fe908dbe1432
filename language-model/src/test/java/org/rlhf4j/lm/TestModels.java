package org.rlhf4j.lm;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.text.EncodedExample;

/** Tiny models and rows for tests. */
final class TestModels {
    static final int VOCABULARY = 11;

    /** Above 64, from which on attention is computed by the fused operation. */
    static final int CONTEXT = 128;

    static final int WINDOW = 3;

    private TestModels() {}

    /** A config.json of 2 layers with everything that can be optional left out. */
    static ObjectNode config() {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("model_type", "llama");
        json.put("vocab_size", VOCABULARY);
        json.put("hidden_size", 8);
        json.put("intermediate_size", 12);
        json.put("num_hidden_layers", 2);
        json.put("num_attention_heads", 2);
        json.put("num_key_value_heads", 1);
        json.put("max_position_embeddings", CONTEXT);
        return json;
    }

    /** The same with biases, and with rope frequencies in all three bands of Llama 3's scaling. */
    static ObjectNode biasedConfig() {
        ObjectNode json = config();
        json.put("attention_bias", true);
        json.put("mlp_bias", true);
        json.put("rope_theta", 100.0);
        ObjectNode rope = json.putObject("rope_scaling");
        rope.put("rope_type", "llama3");
        rope.put("factor", 4.0);
        rope.put("low_freq_factor", 1.0);
        rope.put("high_freq_factor", 4.0);
        rope.put("original_max_position_embeddings", 32);
        return json;
    }

    /** A window over both layers. */
    static ObjectNode mistralConfig() {
        return config().put("model_type", "mistral").put("sliding_window", WINDOW);
    }

    /** Biases on queries, keys and values, and a window over the second layer. */
    static ObjectNode qwen2Config() {
        return config().put("model_type", "qwen2")
                .put("use_sliding_window", true)
                .put("sliding_window", WINDOW)
                .put("max_window_layers", 1);
    }

    /** Norms of queries and keys, heads of another size than H/n, biases, and a window over the first layer. */
    static ObjectNode qwen3Config() {
        ObjectNode json = config().put("model_type", "qwen3").put("head_dim", 6).put("attention_bias", true);
        json.put("use_sliding_window", true).put("sliding_window", WINDOW);
        json.putArray("layer_types").add("sliding_attention").add("full_attention");
        return json;
    }

    /** A configuration of every kind. */
    static List<ObjectNode> configs() {
        return List.of(config(), biasedConfig(), mistralConfig(), qwen2Config(), qwen3Config());
    }

    static ModelConfig read(ObjectNode json) {
        return ModelConfig.of(json, "config.json");
    }

    /** Random weights of a decoder with a scalar head, norms around 1: float64 for derivatives, float32 otherwise. */
    static Parameters weights(ModelConfig config, boolean wide) {
        return Torch.call(() -> {
            Parameters weights = new Parameters();
            TensorNames.model(config, Head.SCALAR).forEach((name, shape) -> {
                double[] values = values(name, shape);
                weights.put(
                        name,
                        wide
                                ? weights.manager().create(values, shape)
                                : weights.manager().create(narrow(values), shape));
            });
            return weights;
        });
    }

    private static double[] values(String name, Shape shape) {
        SeededStream stream = SeededStream.of(7, name);
        double[] values = new double[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = 0.3 * stream.nextGaussian() + (name.endsWith("norm.weight") ? 1.0 : 0.0);
        }
        return values;
    }

    private static float[] narrow(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    /** Rows of the given lengths with random ids. */
    static List<EncodedExample> rows(int... lengths) {
        SeededStream stream = SeededStream.of(3, "rows");
        List<EncodedExample> rows = new ArrayList<>();
        for (int length : lengths) {
            int[] ids = new int[length];
            for (int i = 0; i < length; i++) {
                ids[i] = stream.nextInt(VOCABULARY);
            }
            rows.add(new EncodedExample(ids, Math.min(1, length - 1)));
        }
        return rows;
    }
}
