package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.List;

/** Operations on many arrays in one native call, outside autograd and in place; used on the tensor thread. */
public final class FusedUpdates {
    private FusedUpdates() {}

    /** The Euclidean norm of each array, accumulated in double precision; NaN or infinite where an element is. */
    public static double[] norms(List<NDArray> arrays) {
        if (arrays.isEmpty()) {
            return new double[0];
        }
        try (NDArray norms = Kernels.get().compute("norms", Kernels.list(arrays))) {
            return norms.toDoubleArray();
        }
    }

    /** Multiplies every array by {@code factor}. */
    public static void scale(List<NDArray> arrays, double factor) {
        if (!arrays.isEmpty()) {
            Kernels.get().update("scale", Kernels.list(arrays), IValue.from(factor));
        }
    }

    /** Sets every element to zero, NaN included. */
    public static void zero(List<NDArray> arrays) {
        if (!arrays.isEmpty()) {
            Kernels.get().update("zero", Kernels.list(arrays));
        }
    }

    /**
     * One AdamW update of weights and moments.
     *
     * @param numbers step (from 1), learning rate, beta1, beta2, weight decay, epsilon
     */
    public static void adamW(
            List<NDArray> weights,
            List<NDArray> gradients,
            List<NDArray> first,
            List<NDArray> second,
            double[] numbers) {
        if (!weights.isEmpty()) {
            Kernels.get()
                    .update(
                            "adamw",
                            Kernels.list(weights),
                            Kernels.list(gradients),
                            Kernels.list(first),
                            Kernels.list(second),
                            IValue.listFrom(numbers));
        }
    }
}
