package org.rlhf4j.lm;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.Map;

/** The names and shapes of a model's tensors, as Hugging Face's Llama-like models have them. */
final class TensorNames {
    static final String EMBEDDING = "model.embed_tokens.weight";
    static final String FINAL_NORM = "model.norm.weight";
    static final String LM_HEAD = "lm_head.weight";
    static final String SCORE = "score.weight";

    private TensorNames() {}

    /** The name of a tensor of a layer. */
    static String layer(int index, String part) {
        return "model.layers." + index + "." + part;
    }

    /** Every tensor of the decoder itself with its shape, in the order of the layers. */
    static Map<String, Shape> decoder(ModelConfig config) {
        ModelConfig.Sizes sizes = config.sizes();
        long hidden = sizes.hidden();
        long queries = (long) sizes.heads() * sizes.headDim();
        long keys = (long) sizes.keyValueHeads() * sizes.headDim();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put(EMBEDDING, new Shape(sizes.vocabulary(), hidden));
        for (int i = 0; i < sizes.layers(); i++) {
            shapes.put(layer(i, "input_layernorm.weight"), new Shape(hidden));
            linear(shapes, layer(i, "self_attn.q_proj"), queries, hidden, config.queryKeyValueBias());
            linear(shapes, layer(i, "self_attn.k_proj"), keys, hidden, config.queryKeyValueBias());
            linear(shapes, layer(i, "self_attn.v_proj"), keys, hidden, config.queryKeyValueBias());
            linear(shapes, layer(i, "self_attn.o_proj"), hidden, queries, config.outputBias());
            if (config.family().headNorms()) {
                shapes.put(layer(i, "self_attn.q_norm.weight"), new Shape(sizes.headDim()));
                shapes.put(layer(i, "self_attn.k_norm.weight"), new Shape(sizes.headDim()));
            }
            shapes.put(layer(i, "post_attention_layernorm.weight"), new Shape(hidden));
            linear(shapes, layer(i, "mlp.gate_proj"), sizes.intermediate(), hidden, config.mlpBias());
            linear(shapes, layer(i, "mlp.up_proj"), sizes.intermediate(), hidden, config.mlpBias());
            linear(shapes, layer(i, "mlp.down_proj"), hidden, sizes.intermediate(), config.mlpBias());
        }
        shapes.put(FINAL_NORM, new Shape(hidden));
        return shapes;
    }

    /** Every tensor of a model with its head; a head that is tied to the embedding has none of its own. */
    static Map<String, Shape> model(ModelConfig config, Head head) {
        Map<String, Shape> shapes = decoder(config);
        if (head == Head.SCALAR) {
            shapes.put(SCORE, new Shape(1, config.sizes().hidden()));
        } else if (!config.tied()) {
            shapes.put(
                    LM_HEAD,
                    new Shape(config.sizes().vocabulary(), config.sizes().hidden()));
        }
        return shapes;
    }

    /**
     * Whether a tensor that the model does not need carries nothing that would be lost: rotary frequencies, which follow
     * from the configuration, and a tied head's copy of the embedding.
     */
    static boolean mayBeDropped(String name, ModelConfig config) {
        return name.endsWith("rotary_emb.inv_freq") || (name.equals(LM_HEAD) && config.tied());
    }

    private static void linear(Map<String, Shape> shapes, String name, long out, long in, boolean bias) {
        shapes.put(name + ".weight", new Shape(out, in));
        if (bias) {
            shapes.put(name + ".bias", new Shape(out));
        }
    }
}
