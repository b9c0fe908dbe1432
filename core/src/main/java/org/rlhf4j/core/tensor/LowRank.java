package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.jni.JniUtils;

/**
 * The operators of low-rank adapters (Hu et al., arXiv:2106.09685): a frozen matrix W {@code [out, in]} with the product of a
 * trained B {@code [out, r]} and A {@code [r, in]} beside it. Used on the tensor thread; differentiable unless said otherwise.
 */
public final class LowRank {
    private static final class Holder {
        static final Kernels INSTANCE =
                new Kernels("AdapterKernels", ScriptArchive.source("/org/rlhf4j/core/torch_adapter_ops.py"));
    }

    private LowRank() {}

    private static Kernels kernels() {
        Torch.requireTensorThread();
        return Holder.INSTANCE;
    }

    /**
     * Sets each element to 0 with probability p and divides the others by {@code 1 - p}. The engine's own generator is seeded
     * for it, so that it is the same whenever the seed is.
     *
     * @param x any shape
     * @param p in [0, 1)
     * @param seed any number
     */
    public static NDArray dropout(NDArray x, double p, long seed) {
        JniUtils.setSeed(seed);
        return kernels().call("dropout", x, kernels().scalar(p));
    }

    /**
     * {@code y + scaling (x Aᵀ) Bᵀ}.
     *
     * @param y what W makes of x, {@code [.., out]}
     * @param x {@code [.., in]}
     * @param a {@code [r, in]}
     * @param b {@code [out, r]}
     */
    public static NDArray add(NDArray y, NDArray x, NDArray a, NDArray b, double scaling) {
        return kernels().call("low_rank", y, x, a, b, kernels().scalar(scaling));
    }

    /**
     * A matrix with a low-rank change and a trained length of each row: DoRA (Liu et al., arXiv:2402.09353).
     *
     * @param w W, frozen, {@code [out, in]}
     * @param a {@code [r, in]}
     * @param b {@code [out, r]}
     * @param magnitude m, {@code [out]}
     * @param scaling of the change
     */
    public record Decomposed(NDArray w, NDArray a, NDArray b, NDArray magnitude, double scaling) {
        /**
         * {@code y + (f - 1) p + f scaling (x Aᵀ) Bᵀ} with {@code f = m / |W + scaling B A|}, the norm taken of each row and
         * without a gradient (equation 5 and section 4.3).
         *
         * @param y what the module makes of x, its bias included, {@code [.., out]}
         * @param plain p, what W alone makes of x, {@code [.., out]}
         * @param x {@code [.., in]}
         */
        public NDArray add(NDArray y, NDArray plain, NDArray x) {
            return kernels()
                    .call(
                            "decomposed",
                            y,
                            plain,
                            x,
                            w,
                            a,
                            b,
                            magnitude,
                            kernels().scalar(scaling));
        }
    }

    /** {@code W + scaling B A}, {@code [out, in]}. */
    public static NDArray merged(NDArray w, NDArray a, NDArray b, double scaling) {
        return kernels().call("merged", w, a, b, kernels().scalar(scaling));
    }

    /** The Euclidean norm of each row of a matrix {@code [out, in]}: {@code [out]}. */
    public static NDArray norms(NDArray w) {
        return kernels().call("norms", w);
    }
}
