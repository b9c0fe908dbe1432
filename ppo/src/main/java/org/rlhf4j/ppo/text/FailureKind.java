package org.rlhf4j.ppo.text;

/** How a reward may fail to give a row a score. */
public enum FailureKind {
    /** It threw. */
    EXCEPTION,
    /** It gave NaN or an infinity. */
    NOT_FINITE,
    /** It gave more or fewer scores than it was asked for. */
    WRONG_LENGTH,
    /** It took too long. */
    TIMEOUT
}
