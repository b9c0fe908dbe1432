package org.rlhf4j.lm.lora;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.LowRank;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * The adapter of one linear map: {@code y + s (x Aᵀ) Bᵀ}, with DoRA the form of {@link LowRank.Decomposed}. For use on the tensor
 * thread, inside a scope.
 */
public final class LoraModule {
    private final LinearModule linear;
    private final NDArray a;
    private final NDArray b;
    private final @Nullable NDArray magnitude;
    private final double scaling;
    private final DropoutMasks masks;

    LoraModule(LinearModule linear, LoraWeights weights, double scaling, DropoutMasks masks) {
        this.linear = linear;
        this.a = weights.a();
        this.b = weights.b();
        this.magnitude = weights.magnitude();
        this.scaling = scaling;
        this.masks = masks;
    }

    /**
     * The weights of an adapter.
     *
     * @param a {@code [r, in]}
     * @param b {@code [out, r]}
     * @param magnitude {@code [out]} with DoRA, else null
     */
    record LoraWeights(NDArray a, NDArray b, @Nullable NDArray magnitude) {}

    /**
     * What the map with its adapter makes of x.
     *
     * @param x {@code [.., in]}
     * @param y what the map alone makes of it, with its bias, {@code [.., out]}
     * @param bias {@code [out]}, or null for none
     * @return {@code [.., out]}
     */
    public NDArray apply(NDArray x, NDArray y, @Nullable NDArray bias) {
        boolean drops = masks.drops();
        NDArray input = drops ? masks.dropped(x, linear.name()) : x;
        if (magnitude == null) {
            return LowRank.add(y, input, a, b, scaling);
        }
        NDArray w = linear.upright();
        NDArray plain = drops ? TorchOps.linear(input, w) : bias == null ? y : y.sub(bias);
        return new LowRank.Decomposed(w, a, b, magnitude, scaling).add(y, plain, input);
    }

    /** The matrix of a map without an adapter that does the same, as it lies in the files; without gradients. */
    public NDArray merged() {
        return Torch.withoutGradients(() -> {
            NDArray whole = LowRank.merged(linear.upright(), a, b, scaling);
            if (magnitude != null) {
                whole = whole.mul(magnitude.div(LowRank.norms(whole)).reshape(-1, 1));
            }
            return linear.transposed() ? whole.transpose() : whole;
        });
    }

    boolean isNeutral() {
        return isZero(b) && (magnitude == null || isZero(magnitude.sub(LowRank.norms(linear.upright()))));
    }

    private static boolean isZero(NDArray array) {
        return TorchOps.toFloat64(array.abs().max()).toDoubleArray()[0] == 0;
    }

    /** Overwrites the map's matrix with {@link #merged()}. */
    void mergeIntoWeight() {
        TorchOps.copyInto(linear.weight(), merged());
    }
}
