package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.rlhf4j.core.tensor.Parameters;

/**
 * The part of a model below its head: token ids to hidden states, with gradients for whichever weights are trainable. A row's
 * result does not depend on the other rows or on padding.
 *
 * <p>Used on the tensor thread, inside a {@link org.rlhf4j.core.tensor.Scope}.
 */
public interface Backbone {
    /** The configuration. */
    PretrainedConfig config();

    /** The weights. */
    Parameters weights();

    /** The element type of hidden states. */
    DataType type();

    /**
     * The hidden states that a head reads.
     *
     * @param batch ids below the vocabulary size, rows no longer than the context
     * @return {@code [B, T, H]}; what stands at padding is finite and without meaning
     * @throws IllegalArgumentException if an id or a length is out of range
     */
    NDArray hidden(PaddedBatch batch);
}
