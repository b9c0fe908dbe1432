package org.rlhf4j.lm;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the layers of a family's decoders are made of and what its tensors are called. Where queries, keys and values are one
 * projection its rows are either all queries, all keys, all values, or in groups: the queries of a key head, the key head, its
 * values.
 *
 * @param prefix of all tensors but the head's; files may lack it
 * @param embedding the module of the token embedding
 * @param positions the module of learned positions, or null where positions are rotary
 * @param layers what the layers are numbered under
 * @param finalNorm the norm after the last layer
 * @param head the module of the language-model head
 * @param parts the modules of a layer, by what they are
 * @param norm the kind of all norms
 * @param parallel whether the MLP reads what attention reads, and both are added to the stream together
 * @param grouped whether a common projection of queries, keys and values has its rows in groups
 * @param transposed whether matrices of layers lie {@code [in, out]}
 * @param headNorms what the norms of queries and keys span
 * @param scaledEmbedding whether embeddings are multiplied by {@code sqrt(H)}
 */
record DecoderDesign(
        String prefix,
        String embedding,
        @Nullable String positions,
        String layers,
        String finalNorm,
        String head,
        Map<Part, String> parts,
        Norm norm,
        boolean parallel,
        boolean grouped,
        boolean transposed,
        HeadNorms headNorms,
        boolean scaledEmbedding) {

    /** A kind of norm. */
    enum Norm {
        /** {@code x / sqrt(mean(x²) + eps) w} (arXiv:1910.07467). */
        RMS,
        /** {@code x / sqrt(mean(x²) + eps) (1 + w)}, as Gemma has it. */
        RMS_PLUS_ONE,
        /** {@code (x - mean(x)) / sqrt(var(x) + eps) w + b} (arXiv:1607.06450). */
        LAYER
    }

    /** What the norms of queries and keys span. */
    enum HeadNorms {
        /** Each head for itself. */
        EACH,
        /** All heads together. */
        ALL
    }

    /** Llama: what most families share. */
    static final DecoderDesign LLAMA = new DecoderDesign(
            "model.",
            "embed_tokens",
            null,
            "layers",
            "norm",
            "lm_head",
            Map.of(
                    Part.INPUT_NORM, "input_layernorm",
                    Part.QUERY, "self_attn.q_proj",
                    Part.KEY, "self_attn.k_proj",
                    Part.VALUE, "self_attn.v_proj",
                    Part.OUTPUT, "self_attn.o_proj",
                    Part.MLP_NORM, "post_attention_layernorm",
                    Part.GATE, "mlp.gate_proj",
                    Part.UP, "mlp.up_proj",
                    Part.DOWN, "mlp.down_proj"),
            Norm.RMS,
            false,
            false,
            false,
            HeadNorms.EACH,
            false);

    /** Llama with norms of queries and keys. */
    static final DecoderDesign QWEN3 =
            LLAMA.with(Map.of(Part.QUERY_NORM, "self_attn.q_norm", Part.KEY_NORM, "self_attn.k_norm"));

    /** Gemma 1 (arXiv:2403.08295). */
    static final DecoderDesign GEMMA = LLAMA.scaled();

    /** Gemma 2 (arXiv:2408.00118): norms before and after attention and MLP. */
    static final DecoderDesign GEMMA2 = GEMMA.with(Map.of(
            Part.ATTENTION_NORM, "post_attention_layernorm",
            Part.MLP_NORM, "pre_feedforward_layernorm",
            Part.FEEDFORWARD_NORM, "post_feedforward_layernorm"));

    /** Gemma 3 (arXiv:2503.19786): Gemma 2 with norms of queries and keys. */
    static final DecoderDesign GEMMA3 =
            GEMMA2.with(Map.of(Part.QUERY_NORM, "self_attn.q_norm", Part.KEY_NORM, "self_attn.k_norm"));

    /** Phi-3 (arXiv:2404.14219): common projections. */
    static final DecoderDesign PHI3 = LLAMA.without(Part.QUERY, Part.KEY, Part.VALUE, Part.GATE, Part.UP)
            .with(Map.of(Part.QUERY_KEY_VALUE, "self_attn.qkv_proj", Part.GATE_UP, "mlp.gate_up_proj"));

    /** OLMo 2 (arXiv:2501.00656): norms after attention and MLP only. */
    static final DecoderDesign OLMO2 = QWEN3.without(Part.INPUT_NORM, Part.MLP_NORM)
            .with(Map.of(
                    Part.ATTENTION_NORM, "post_attention_layernorm",
                    Part.FEEDFORWARD_NORM, "post_feedforward_layernorm"))
            .withHeadNorms(HeadNorms.ALL);

    /** GPT-2 (Radford et al. 2019): learned positions, matrices {@code [in, out]}. */
    static final DecoderDesign GPT2 = new DecoderDesign(
            "transformer.",
            "wte",
            "wpe",
            "h",
            "ln_f",
            "lm_head",
            Map.of(
                    Part.INPUT_NORM, "ln_1",
                    Part.QUERY_KEY_VALUE, "attn.c_attn",
                    Part.OUTPUT, "attn.c_proj",
                    Part.MLP_NORM, "ln_2",
                    Part.UP, "mlp.c_fc",
                    Part.DOWN, "mlp.c_proj"),
            Norm.LAYER,
            false,
            false,
            true,
            HeadNorms.EACH,
            false);

    /** GPT-NeoX (arXiv:2204.06745) and Pythia. */
    static final DecoderDesign GPT_NEOX = new DecoderDesign(
            "gpt_neox.",
            "embed_in",
            null,
            "layers",
            "final_layer_norm",
            "embed_out",
            Map.of(
                    Part.INPUT_NORM, "input_layernorm",
                    Part.QUERY_KEY_VALUE, "attention.query_key_value",
                    Part.OUTPUT, "attention.dense",
                    Part.MLP_NORM, "post_attention_layernorm",
                    Part.UP, "mlp.dense_h_to_4h",
                    Part.DOWN, "mlp.dense_4h_to_h"),
            Norm.LAYER,
            true,
            true,
            false,
            HeadNorms.EACH,
            false);

    /** Falcon (arXiv:2311.16867) with one norm before attention and MLP, as the 7B model has it. */
    static final DecoderDesign FALCON = new DecoderDesign(
            "transformer.",
            "word_embeddings",
            null,
            "h",
            "ln_f",
            "lm_head",
            Map.of(
                    Part.INPUT_NORM, "input_layernorm",
                    Part.QUERY_KEY_VALUE, "self_attention.query_key_value",
                    Part.OUTPUT, "self_attention.dense",
                    Part.UP, "mlp.dense_h_to_4h",
                    Part.DOWN, "mlp.dense_4h_to_h"),
            Norm.LAYER,
            true,
            true,
            false,
            HeadNorms.EACH,
            false);

    /** Falcon with a norm each before attention and MLP, as the 40B model has it. */
    static final DecoderDesign FALCON_TWO_NORMS =
            FALCON.with(Map.of(Part.INPUT_NORM, "ln_attn", Part.MLP_NORM, "ln_mlp"));

    /** Falcon with the MLP after attention. */
    static final DecoderDesign FALCON_SEQUENTIAL =
            FALCON.with(Map.of(Part.MLP_NORM, "post_attention_layernorm")).withParallel(false);

    DecoderDesign {
        parts = Collections.unmodifiableMap(new EnumMap<>(parts));
    }

    /** Whether a layer has this module. */
    boolean has(Part part) {
        return parts.containsKey(part);
    }

    private DecoderDesign with(Map<Part, String> more) {
        Map<Part, String> changed = new EnumMap<>(parts);
        changed.putAll(more);
        return copy(changed, norm, parallel, headNorms, scaledEmbedding);
    }

    private DecoderDesign without(Part... absent) {
        Map<Part, String> changed = new EnumMap<>(parts);
        for (Part part : absent) {
            changed.remove(part);
        }
        return copy(changed, norm, parallel, headNorms, scaledEmbedding);
    }

    private DecoderDesign scaled() {
        return copy(parts, Norm.RMS_PLUS_ONE, parallel, headNorms, true);
    }

    private DecoderDesign withHeadNorms(HeadNorms other) {
        return copy(parts, norm, parallel, other, scaledEmbedding);
    }

    /** The same with the MLP beside attention, or after it. */
    DecoderDesign withParallel(boolean other) {
        return copy(parts, norm, other, headNorms, scaledEmbedding);
    }

    private DecoderDesign copy(
            Map<Part, String> otherParts,
            Norm otherNorm,
            boolean otherParallel,
            HeadNorms otherHeadNorms,
            boolean otherScaled) {
        return new DecoderDesign(
                prefix,
                embedding,
                positions,
                layers,
                finalNorm,
                head,
                otherParts,
                otherNorm,
                otherParallel,
                grouped,
                transposed,
                otherHeadNorms,
                otherScaled);
    }
}
