package org.rlhf4j.lm;

/** What stands on top of the backbone. */
public enum Head {
    /** Nothing that is read: an encoder as it was pre-trained. */
    NONE,
    /** Logits over the vocabulary: {@code lm_head.weight [V, H]}, or the embedding when the two are tied. */
    LANGUAGE_MODEL,
    /** One number a sequence: {@code score.weight [1, H]}, the layout of {@code *ForSequenceClassification}. */
    SCALAR
}
