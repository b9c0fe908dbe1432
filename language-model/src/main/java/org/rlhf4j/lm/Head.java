package org.rlhf4j.lm;

/** What stands on top of the decoder. */
public enum Head {
    /** Logits over the vocabulary: {@code lm_head.weight [V, H]}, or the embedding when the two are tied. */
    LANGUAGE_MODEL,
    /** One number a sequence: {@code score.weight [1, H]}, the layout of {@code *ForSequenceClassification}. */
    SCALAR
}
