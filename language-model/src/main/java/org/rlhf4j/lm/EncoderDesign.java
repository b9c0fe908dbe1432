package org.rlhf4j.lm;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the encoders of a family are made of and what their tensors are called.
 *
 * @param prefix of every tensor below the head; files of a bare backbone lack it
 * @param embeddings the modules of the embeddings, of which only the first must be there
 * @param projection from the width of the embeddings to that of the stream, where the two differ, or null
 * @param layers what the layers are numbered under
 * @param layer the modules of a layer
 * @param normsFirst whether attention and MLP read a normed stream and are added to it; otherwise the sum is normed
 * @param finalNorm the norm after the last layer, or null
 * @param head the modules of the classification head
 * @param ignored beginnings of names of tensors that belong to the heads of pre-training
 */
@SuppressWarnings("Immutable") // the list is made by List.of
record EncoderDesign(
        String prefix,
        Embeddings embeddings,
        @Nullable String projection,
        String layers,
        Layer layer,
        boolean normsFirst,
        @Nullable String finalNorm,
        HeadParts head,
        List<String> ignored) {

    /** How tokens are told where they stand. */
    enum Positions {
        /** Not by the embedding. */
        NONE,
        /** By a table, from 0 on; the first token of a row is at 0 whatever padding is before it. */
        FROM_ZERO,
        /** By a table, from the padding id + 1 on; a token that has the padding id stands at that id and is not counted. */
        AFTER_PADDING
    }

    /**
     * The modules of the embeddings; which of them a model has depends on its configuration too.
     *
     * @param words by token id
     * @param positions by position
     * @param how positions are counted
     * @param types by which part of a pair a token belongs to
     * @param norm of their sum
     */
    record Embeddings(String words, String positions, Positions how, String types, String norm) {}

    /**
     * The modules of a layer.
     *
     * @param queryKeyValue three projections, or one that gives all three
     * @param output from the heads back to the stream
     * @param attentionNorm before attention, or after it
     * @param up to the inner width of the MLP
     * @param down back to the stream
     * @param mlpNorm before the MLP, or after it
     */
    @SuppressWarnings("Immutable") // the list is made by List.of
    record Layer(
            List<String> queryKeyValue, String output, String attentionNorm, String up, String down, String mlpNorm) {}

    /**
     * The modules of the classification head, which are not below the prefix: {@code out(norm(act(dense(pooled))))}.
     *
     * @param dense the first projection
     * @param norm after the activation, or null
     * @param out to one number, with a bias
     */
    record HeadParts(String dense, @Nullable String norm, String out) {}

    private static final Embeddings BERT_EMBEDDINGS = new Embeddings(
            "embeddings.word_embeddings",
            "embeddings.position_embeddings",
            Positions.FROM_ZERO,
            "embeddings.token_type_embeddings",
            "embeddings.LayerNorm");

    private static final Layer BERT_LAYER =
            bertLayer("attention.self.query", "attention.self.key", "attention.self.value");

    /** BERT (Devlin et al., arXiv:1810.04805). */
    static final EncoderDesign BERT = like(
            "bert.",
            BERT_EMBEDDINGS,
            BERT_LAYER,
            new HeadParts("bert.pooler.dense", null, "classifier"),
            List.of("cls."));

    /** RoBERTa (Liu et al., arXiv:1907.11692): BERT with other positions and another head. */
    static final EncoderDesign ROBERTA = like(
            "roberta.",
            new Embeddings(
                    BERT_EMBEDDINGS.words,
                    BERT_EMBEDDINGS.positions,
                    Positions.AFTER_PADDING,
                    BERT_EMBEDDINGS.types,
                    BERT_EMBEDDINGS.norm),
            BERT_LAYER,
            new HeadParts("classifier.dense", null, "classifier.out_proj"),
            List.of("lm_head.", "roberta.pooler."));

    /** ELECTRA (Clark et al., arXiv:2003.10555): BERT with embeddings of another width and another head. */
    static final EncoderDesign ELECTRA = new EncoderDesign(
            "electra.",
            BERT_EMBEDDINGS,
            "embeddings_project",
            "encoder.layer",
            BERT_LAYER,
            false,
            null,
            new HeadParts("classifier.dense", null, "classifier.out_proj"),
            List.of("discriminator_predictions.", "generator_predictions.", "generator_lm_head."));

    /** DistilBERT (Sanh et al., arXiv:1910.01108): BERT without token types, under other names. */
    static final EncoderDesign DISTILBERT = new EncoderDesign(
            "distilbert.",
            BERT_EMBEDDINGS,
            null,
            "transformer.layer",
            new Layer(
                    List.of("attention.q_lin", "attention.k_lin", "attention.v_lin"),
                    "attention.out_lin",
                    "sa_layer_norm",
                    "ffn.lin1",
                    "ffn.lin2",
                    "output_layer_norm"),
            false,
            null,
            new HeadParts("pre_classifier", null, "classifier"),
            List.of("vocab_transform.", "vocab_layer_norm.", "vocab_projector."));

    /** DeBERTa v2 and v3 (He et al., arXiv:2006.03654, arXiv:2111.09543): BERT with disentangled attention. */
    static final EncoderDesign DEBERTA = like(
            "deberta.",
            BERT_EMBEDDINGS,
            bertLayer("attention.self.query_proj", "attention.self.key_proj", "attention.self.value_proj"),
            new HeadParts("pooler.dense", null, "classifier"),
            List.of("cls.", "lm_predictions.", "mask_predictions."));

    /** ModernBERT (Warner et al., arXiv:2412.13663): norms first, rotary positions, local layers, a gated MLP. */
    static final EncoderDesign MODERNBERT = new EncoderDesign(
            "model.",
            new Embeddings("embeddings.tok_embeddings", "", Positions.NONE, "", "embeddings.norm"),
            null,
            "layers",
            new Layer(List.of("attn.Wqkv"), "attn.Wo", "attn_norm", "mlp.Wi", "mlp.Wo", "mlp_norm"),
            true,
            "final_norm",
            new HeadParts("head.dense", "head.norm", "classifier"),
            List.of("decoder."));

    private static EncoderDesign like(
            String prefix, Embeddings embeddings, Layer layer, HeadParts head, List<String> ignored) {
        return new EncoderDesign(prefix, embeddings, null, "encoder.layer", layer, false, null, head, ignored);
    }

    private static Layer bertLayer(String... queryKeyValue) {
        return new Layer(
                List.of(queryKeyValue),
                "attention.output.dense",
                "attention.output.LayerNorm",
                "intermediate.dense",
                "output.dense",
                "output.LayerNorm");
    }
}
