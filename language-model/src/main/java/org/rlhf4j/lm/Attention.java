package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/**
 * Where the tokens of a forward pass stand and what each may look at: what differs between a pass over whole sequences and
 * one that continues sequences whose keys and values are kept.
 */
interface Attention {
    /** The rotary turns of the pass's tokens in a layer, or null where it has none. */
    RotaryTable.@Nullable Turns turns(int layer);

    /** Where each of the pass's tokens stands in its row, from 0, in row-major order; anything at padding. */
    long[] positions();

    /**
     * {@code softmax(q kᵀ scale) v} of one layer, over the keys that each query may look at.
     *
     * @param layer index of the layer
     * @param q {@code [B, n, T, D]}, turned
     * @param k {@code [B, m, T, D]}, turned; m divides n
     * @param v {@code [B, m, T, D]}
     * @return {@code [B, n, T, D]}
     */
    NDArray mix(int layer, NDArray q, NDArray k, NDArray v);
}
