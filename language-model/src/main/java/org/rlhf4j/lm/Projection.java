package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.lm.lora.LoraModule;

/** A linear map of a layer, by the matrix that it has in the model's files and whatever is put on top of it. */
interface Projection {
    /**
     * Maps.
     *
     * @param x {@code [.., in]}
     * @return {@code [.., out]}
     */
    NDArray apply(NDArray x);

    /**
     * {@code x weightᵀ + bias}.
     *
     * @param weight {@code [out, in]}
     * @param bias {@code [out]}, or null for none
     */
    record Linear(NDArray weight, @Nullable NDArray bias) implements Projection {
        @Override
        public NDArray apply(NDArray x) {
            return bias == null ? TorchOps.linear(x, weight) : TorchOps.linear(x, weight, bias);
        }
    }

    /**
     * {@code x weight + bias}.
     *
     * @param weight {@code [in, out]}
     * @param bias {@code [out]}, or null for none
     */
    record Transposed(NDArray weight, @Nullable NDArray bias) implements Projection {
        @Override
        public NDArray apply(NDArray x) {
            return TorchOps.transposedLinear(x, weight, bias);
        }
    }

    /**
     * A linear map with an adapter on it.
     *
     * @param base is frozen
     * @param bias of the base, or null for none
     * @param adapter of that map
     */
    record Adapted(Projection base, @Nullable NDArray bias, LoraModule adapter) implements Projection {
        @Override
        public NDArray apply(NDArray x) {
            return adapter.apply(x, base.apply(x), bias);
        }
    }
}
