package org.rlhf4j.lm.data;

/** Which tokens of a demonstration are imitated. */
public enum LossTokens {
    /**
     * Those of the completion with its EOS; in a conversation every turn of the assistant with the marker that ends it. A
     * plain text is all completion, but for its first token, which nothing predicts.
     */
    COMPLETION,
    /** Every token but the first, those of prompts too. */
    ALL
}
