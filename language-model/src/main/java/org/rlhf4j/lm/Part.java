package org.rlhf4j.lm;

/**
 * The modules that a layer of a decoder may have. Which of them a family has, and under which names, is its
 * {@link DecoderDesign}.
 */
enum Part {
    /** The norm before attention. */
    INPUT_NORM,
    /** Queries, keys and values in one projection. */
    QUERY_KEY_VALUE,
    /** Queries. */
    QUERY,
    /** Keys. */
    KEY,
    /** Values. */
    VALUE,
    /** The norm of queries. */
    QUERY_NORM,
    /** The norm of keys. */
    KEY_NORM,
    /** From the heads back to the width of the stream. */
    OUTPUT,
    /** The norm of what attention gives. */
    ATTENTION_NORM,
    /** The norm before the MLP. */
    MLP_NORM,
    /** Gate and up in one projection. */
    GATE_UP,
    /** What is activated and gates the other half. */
    GATE,
    /** To the inner width of the MLP. */
    UP,
    /** From the inner width of the MLP. */
    DOWN,
    /** The norm of what the MLP gives. */
    FEEDFORWARD_NORM;

    boolean isNorm() {
        return switch (this) {
            case INPUT_NORM, QUERY_NORM, KEY_NORM, ATTENTION_NORM, MLP_NORM, FEEDFORWARD_NORM -> true;
            default -> false;
        };
    }

    /** Whether it is a projection of attention other than {@link #OUTPUT}. */
    boolean isQueryKeyValue() {
        return switch (this) {
            case QUERY_KEY_VALUE, QUERY, KEY, VALUE -> true;
            default -> false;
        };
    }

    /** Whether it is a projection of the MLP. */
    boolean isMlp() {
        return switch (this) {
            case GATE_UP, GATE, UP, DOWN -> true;
            default -> false;
        };
    }
}
