package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.jspecify.annotations.Nullable;

/**
 * What a decoder layer computes before and after its attention, over packed matrices and in one call each: a call costs
 * about as much as the smaller operators themselves when one token is computed at a time. Without gradients.
 *
 * <p>Used on the tensor thread, where {@link PackedLinear#isFaster}.
 *
 * @param attention the weights around the attention
 * @param mlp the weights of the gated MLP
 * @param epsilon of all norms
 */
public record PackedLayer(Attention attention, Mlp mlp, double epsilon) {
    /**
     * The weights around the attention.
     *
     * @param norm {@code [H]}
     * @param queryKeyValue to {@code (n + 2 m) D} numbers
     * @param queryNorm {@code [D]}, or null where queries and keys are not normed
     * @param keyNorm {@code [D]}, or null
     * @param keyValueHeads m
     * @param output from {@code n D} numbers
     */
    public record Attention(
            NDArray norm,
            PackedLinear queryKeyValue,
            @Nullable NDArray queryNorm,
            @Nullable NDArray keyNorm,
            int keyValueHeads,
            PackedLinear output) {}

    /**
     * The weights of the gated MLP.
     *
     * @param norm {@code [H]}
     * @param gateUp to {@code 2 F} numbers, the gate's first
     * @param down from {@code F} numbers
     */
    public record Mlp(NDArray norm, PackedLinear gateUp, PackedLinear down) {}

    /**
     * Queries, keys and values, turned: {@code rope(norm(x) weightᵀ + bias)}.
     *
     * @param x {@code [B, T, H]}
     * @param cos as in {@link TorchOps#rope}
     * @param sin as cos
     * @return {@code [B, n, T, D]}, {@code [B, m, T, D]} and {@code [B, m, T, D]}
     */
    public NDList heads(NDArray x, NDArray cos, NDArray sin) {
        Kernels kernels = Kernels.requirePacked();
        return kernels.callAll(
                "heads",
                x,
                attention.norm,
                kernels.scalar(epsilon),
                attention.queryKeyValue.matrix(),
                attention.queryKeyValue.bias(),
                attention.queryNorm == null ? kernels.none() : attention.queryNorm,
                attention.keyNorm == null ? kernels.none() : attention.keyNorm,
                kernels.scalar(attention.keyValueHeads),
                cos,
                sin);
    }

    /**
     * The layer's result: {@code y = x + output(mixed)}, then {@code y + down(silu(gate(norm(y))) * up(norm(y)))}.
     *
     * @param x {@code [B, T, H]}
     * @param mixed what the attention gave, {@code [B, n, T, D]}
     * @return {@code [B, T, H]}
     */
    public NDArray finish(NDArray x, NDArray mixed) {
        Kernels kernels = Kernels.requirePacked();
        return kernels.call(
                "finish",
                x,
                mixed,
                attention.output.matrix(),
                attention.output.bias(),
                mlp.norm,
                kernels.scalar(epsilon),
                mlp.gateUp.matrix(),
                mlp.gateUp.bias(),
                mlp.down.matrix(),
                mlp.down.bias());
    }
}
