package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;

/** What makes one score of the hidden states of a sequence. */
public interface SequenceHead {
    /**
     * One number for each row.
     *
     * @param hidden {@code [B, T, H]}
     * @param batch the rows that the hidden states belong to
     * @return {@code [B]}
     */
    NDArray scores(NDArray hidden, PaddedBatch batch);
}
