package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;

/**
 * From a hidden state to logits: {@code z = hidden weightᵀ}, or {@code cap tanh(z / cap)} where there is a cap, as in Gemma 2
 * (arXiv:2408.00118, section 2).
 *
 * @param weight {@code [V, H]}
 * @param cap largest absolute value of a logit, or 0 for none
 */
public record VocabularyHead(NDArray weight, double cap) {
    /** A head without a cap. */
    public VocabularyHead(NDArray weight) {
        this(weight, 0);
    }

    /**
     * The logits.
     *
     * @param hidden {@code [.., H]}
     * @return {@code [.., V]}
     */
    public NDArray logits(NDArray hidden) {
        return TorchOps.softCap(TorchOps.linear(hidden, weight), cap);
    }
}
