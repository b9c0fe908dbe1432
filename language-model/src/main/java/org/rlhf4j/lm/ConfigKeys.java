package org.rlhf4j.lm;

/**
 * What a family calls the keys of its {@code config.json}.
 *
 * @param hidden H
 * @param layers number of layers
 * @param heads n
 * @param keyValueHeads m; a family without the key has as many as query heads
 * @param intermediate F; null means 4 H where a family says so
 * @param context longest sequence
 * @param normEps epsilon of the norms
 * @param activation inside the MLP
 * @param theta base of the rotary frequencies
 * @param rotaryShare part of a head that is turned
 */
record ConfigKeys(
        String hidden,
        String layers,
        String heads,
        String keyValueHeads,
        String intermediate,
        String context,
        String normEps,
        String activation,
        String theta,
        String rotaryShare) {
    static final ConfigKeys LLAMA = new ConfigKeys(
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "intermediate_size",
            "max_position_embeddings",
            "rms_norm_eps",
            "hidden_act",
            "rope_theta",
            "partial_rotary_factor");

    static final ConfigKeys GEMMA = new ConfigKeys(
            LLAMA.hidden,
            LLAMA.layers,
            LLAMA.heads,
            LLAMA.keyValueHeads,
            LLAMA.intermediate,
            LLAMA.context,
            LLAMA.normEps,
            "hidden_activation",
            LLAMA.theta,
            LLAMA.rotaryShare);

    static final ConfigKeys GPT2 = new ConfigKeys(
            "n_embd",
            "n_layer",
            "n_head",
            LLAMA.keyValueHeads,
            "n_inner",
            "n_positions",
            "layer_norm_epsilon",
            "activation_function",
            LLAMA.theta,
            LLAMA.rotaryShare);

    static final ConfigKeys GPT_NEOX = new ConfigKeys(
            LLAMA.hidden,
            LLAMA.layers,
            LLAMA.heads,
            LLAMA.keyValueHeads,
            LLAMA.intermediate,
            LLAMA.context,
            "layer_norm_eps",
            LLAMA.activation,
            "rotary_emb_base",
            "rotary_pct");

    static final ConfigKeys FALCON = new ConfigKeys(
            LLAMA.hidden,
            LLAMA.layers,
            LLAMA.heads,
            "num_kv_heads",
            "ffn_hidden_size",
            LLAMA.context,
            "layer_norm_epsilon",
            "activation",
            LLAMA.theta,
            LLAMA.rotaryShare);
}
