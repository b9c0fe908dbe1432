package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;

/** A layer of the decoder, around its attention. */
interface DecoderLayer {
    /**
     * Queries, keys and values.
     *
     * @param query {@code [B, n, T, D]}, turned
     * @param key {@code [B, m, T, D]}, turned; m divides n
     * @param value {@code [B, m, T, D]}
     */
    record Heads(NDArray query, NDArray key, NDArray value) {}

    /**
     * The heads of {@code norm(x)}.
     *
     * @param x {@code [B, T, H]}
     * @param turns of queries and keys, or null where the layer has no rotary positions
     */
    Heads heads(NDArray x, RotaryTable.@Nullable Turns turns);

    /**
     * The layer's result.
     *
     * @param x what the layer was given, {@code [B, T, H]}
     * @param mixed what the attention made of the heads, {@code [B, n, T, D]}
     * @return x with what attention and MLP add, {@code [B, T, H]}
     */
    NDArray finish(NDArray x, NDArray mixed);
}
