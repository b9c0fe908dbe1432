package org.rlhf4j.preference;

/** How much the pairs of one ranking count. */
public enum PairWeights {
    /** Each pair counts 1, so that a ranking of k counts up to k(k-1)/2. */
    NONE,
    /** Each of the n pairs of a ranking counts 1/n, so that every ranking counts 1 however long it is. */
    PER_PROMPT
}
