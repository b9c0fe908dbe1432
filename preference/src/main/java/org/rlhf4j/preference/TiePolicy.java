package org.rlhf4j.preference;

/** What becomes of two completions of equal rank that a {@link PairStrategy} selects. */
public enum TiePolicy {
    /** They give no pair. */
    DROP,
    /** They give one pair of probability 0.5, the completion that stands first in the data as chosen. */
    KEEP
}
