package org.rlhf4j.lm.lora;

import ai.djl.ndarray.NDArray;

/**
 * A linear map of a model's layers.
 *
 * @param name its path in the model, such as {@code model.layers.0.self_attn.q_proj}
 * @param weight W as it lies in the files: {@code [out, in]}, or {@code [in, out]} where transposed
 * @param transposed whether it is {@code [in, out]}, as GPT-2 has it
 */
public record LinearModule(String name, NDArray weight, boolean transposed) {
    /** Width of what the map reads. */
    public long in() {
        return weight.getShape().get(transposed ? 0 : 1);
    }

    /** Width of what the map gives. */
    public long out() {
        return weight.getShape().get(transposed ? 1 : 0);
    }

    /** W as {@code [out, in]}; a view. */
    NDArray upright() {
        return transposed ? weight.transpose() : weight;
    }
}
