package org.rlhf4j.core.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.jspecify.annotations.Nullable;

/** Fused operators that DJL's NDArray lacks; every one is differentiable. Used on the tensor thread. */
public final class TorchOps {
    /**
     * What DJL says of bfloat16 arrays, the only arrays here that it has no name for. Its operators take them, but whatever makes
     * an array of a type that is named would end the process: {@link HostCopy#zeros}, {@link #zerosLike}.
     */
    public static final DataType BFLOAT16 = DataType.UNKNOWN;

    /** Rows and columns from which a product is faster as a convolution. */
    private static final int WIDE = 128;

    private TorchOps() {}

    /**
     * Causal attention, {@code softmax(q kᵀ scale + causal mask) v}; with a cap c the scores z = q kᵀ scale become
     * {@code c tanh(z / c)} before the mask.
     *
     * @param q {@code [B, n, T, D]}
     * @param k {@code [B, m, T, D]}, m divides n; key head j serves query heads j n/m .. (j+1) n/m - 1
     * @param v {@code [B, m, T, D]}
     * @param cap c, or 0 for none
     */
    public static NDArray causalAttention(NDArray q, NDArray k, NDArray v, double scale, double cap) {
        Kernels kernels = Kernels.get();
        if (q.getShape().get(2) != k.getShape().get(2)) {
            throw new IllegalArgumentException(
                    "causal attention wants as many queries as keys: q is " + q.getShape() + ", k " + k.getShape());
        }
        return kernels.call("causal_attention", q, k, v, kernels.scalar(scale), kernels.scalar(cap));
    }

    /**
     * Attention with an additive mask, {@code softmax(q kᵀ scale + mask) v}.
     *
     * @param q {@code [B, n, T, D]}
     * @param k {@code [B, m, S, D]}, m divides n
     * @param v {@code [B, m, S, D]}
     * @param mask added to the scores, broadcast to {@code [B, n, T, S]}; large finite negatives, never -Inf
     * @param cap as in {@link #causalAttention}
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, NDArray mask, double scale, double cap) {
        Kernels kernels = Kernels.get();
        return kernels.call("attention", q, k, v, mask, kernels.scalar(scale), kernels.scalar(cap));
    }

    /**
     * How well each token goes with the relative positions of all others, {@code [i, j] = x_i · positions[index[i, j]]}: a term
     * of disentangled attention (He et al., arXiv:2006.03654, section 3.1).
     *
     * @param x queries or keys {@code [B, n, T, D]}
     * @param positions a vector for each relative position, {@code [1, n, S, D]}
     * @param index INT64 {@code [T, T]}, 0 to S - 1
     * @return {@code [B, n, T, T]}
     */
    public static NDArray relativeScores(NDArray x, NDArray positions, NDArray index) {
        return Kernels.get().call("relative_scores", x, positions, index);
    }

    /** {@code x / sqrt(mean(x²) + epsilon) * weight} over the last axis; weight {@code [H]}. */
    public static NDArray rmsNorm(NDArray x, NDArray weight, double epsilon) {
        Kernels kernels = Kernels.get();
        return kernels.call("rms_norm", x, weight, kernels.scalar(epsilon));
    }

    /**
     * {@code (x - mean(x)) / sqrt(var(x) + epsilon) * weight + bias} over the last axis (Ba et al., arXiv:1607.06450).
     *
     * @param weight {@code [H]}
     * @param bias {@code [H]}, or null for none
     */
    public static NDArray layerNorm(NDArray x, NDArray weight, @Nullable NDArray bias, double epsilon) {
        Kernels kernels = Kernels.get();
        NDArray small = kernels.scalar(epsilon);
        return bias == null
                ? kernels.call("layer_norm", x, weight, small)
                : kernels.call("layer_norm_bias", x, weight, bias, small);
    }

    /** {@code x / sqrt(mean(x²) + epsilon) * (1 + weight)} over the last axis; weight {@code [H]}. */
    public static NDArray rmsNormPlusOne(NDArray x, NDArray weight, double epsilon) {
        Kernels kernels = Kernels.get();
        return kernels.call("rms_norm_plus_one", x, weight, kernels.scalar(epsilon));
    }

    /** {@code cap tanh(x / cap)}; x itself where the cap is 0. */
    public static NDArray softCap(NDArray x, double cap) {
        Kernels kernels = Kernels.get();
        return cap == 0 ? x : kernels.call("soft_cap", x, kernels.scalar(cap));
    }

    /**
     * Queries, keys and values out of one array.
     *
     * @param x {@code [B, T, (n + 2 m) D]}: all queries, all keys, all values, or, grouped, m times n/m queries, a key, a value
     * @param queryHeads n
     * @param keyValueHeads m
     * @return {@code [B, n, T, D]}, {@code [B, m, T, D]} and {@code [B, m, T, D]}
     */
    public static NDList splitHeads(NDArray x, int queryHeads, int keyValueHeads, boolean grouped) {
        Kernels kernels = Kernels.get();
        return kernels.callAll(
                "split_heads",
                x,
                kernels.scalar(queryHeads),
                kernels.scalar(keyValueHeads),
                kernels.scalar(grouped ? 1 : 0));
    }

    /** The first and the second half of the last axis. */
    public static NDList halves(NDArray x) {
        return Kernels.get().callAll("halves", x);
    }

    /** {@code x sigmoid(x)}. */
    public static NDArray silu(NDArray x) {
        return Kernels.get().call("silu", x);
    }

    /** {@code silu(gate) * up}. */
    public static NDArray swiGlu(NDArray gate, NDArray up) {
        return Kernels.get().call("swiglu", gate, up);
    }

    /** {@code x Φ(x)}, Φ by the error function. */
    public static NDArray gelu(NDArray x) {
        return Kernels.get().call("gelu", x);
    }

    /** {@code max(x, 0)}. */
    public static NDArray relu(NDArray x) {
        return Kernels.get().call("relu", x);
    }

    /** {@code 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x³)))}. */
    public static NDArray geluTanh(NDArray x) {
        return Kernels.get().call("gelu_tanh", x);
    }

    /** {@code log(1 / (1 + exp(-x)))}, finite for every finite x. */
    public static NDArray logSigmoid(NDArray x) {
        return Kernels.get().call("log_sigmoid", x);
    }

    /**
     * Rotary position embedding, half-split: {@code x cos + cat(-x2, x1) sin} over the first d numbers; the others stay.
     *
     * @param x {@code [B, n, T, D]}
     * @param cos {@code [T, d]} or {@code [B, 1, T, d]}
     * @param sin as cos
     */
    public static NDArray rope(NDArray x, NDArray cos, NDArray sin) {
        return Kernels.get().call("rope", x, cos, sin);
    }

    /** {@code log(sum(exp(x)))} over the last axis. */
    public static NDArray logSumExp(NDArray x) {
        return Kernels.get().call("log_sum_exp", x);
    }

    /** {@code x weightᵀ}: x {@code [.., in]}, weight {@code [out, in]}; of the type of a bfloat16 x, whatever the weight's. */
    public static NDArray linear(NDArray x, NDArray weight) {
        if (isBfloat16(x)) {
            return Kernels.get().call("typed_linear", x, weight);
        }
        return isWide(x, weight) ? Kernels.get().call("wide_linear", x, weight) : product(x, weight, null);
    }

    /** {@code x weightᵀ + bias}: as {@link #linear(NDArray, NDArray)}, bias {@code [out]}. */
    public static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        if (isBfloat16(x)) {
            return Kernels.get().call("typed_linear_bias", x, weight, bias);
        }
        return isWide(x, weight) ? Kernels.get().call("wide_linear_bias", x, weight, bias) : product(x, weight, bias);
    }

    /** {@code x weight + bias}: x {@code [.., in]}, weight {@code [in, out]}, bias {@code [out]} or null for none. */
    public static NDArray transposedLinear(NDArray x, NDArray weight, @Nullable NDArray bias) {
        return bias == null
                ? Kernels.get().call("transposed_linear", x, weight)
                : Kernels.get().call("transposed_linear_bias", x, weight, bias);
    }

    /** A call into the engine without a script around it, a few microseconds less. */
    private static NDArray product(NDArray x, NDArray weight, @Nullable NDArray bias) {
        Torch.requireTensorThread();
        return JniUtils.linear((PtNDArray) x, (PtNDArray) weight, (PtNDArray) bias);
    }

    /**
     * Whether the product is worth the way round through oneDNN, which torch takes for convolutions but not for matrices of
     * float32: on processors that MKL was not made for it is twice as fast, forward and backward.
     */
    private static boolean isWide(NDArray x, NDArray weight) {
        Shape shape = weight.getShape();
        return Kernels.convolvesFaster()
                && shape.get(0) >= WIDE
                && shape.get(1) >= WIDE
                && x.getShape().size() >= WIDE * shape.get(1)
                && x.getDataType() == DataType.FLOAT32
                && x.getDevice().equals(Device.cpu());
    }

    /** Rows of {@code weight [V, H]} by the INT64 ids {@code [..]}: {@code [.., H]}. */
    public static NDArray embedding(NDArray ids, NDArray weight) {
        return Kernels.get().call("embedding", ids, weight);
    }

    /** Rows {@code [K, ..]} of {@code x [N, ..]} by INT64 {@code index [K]}. */
    public static NDArray rows(NDArray x, NDArray index) {
        return Kernels.get().call("rows", x, index);
    }

    /** {@code log softmax(logits)[target]}: logits {@code [.., V]}, INT64 targets {@code [..]}; in nats. */
    public static NDArray logProb(NDArray logits, NDArray targets) {
        return Kernels.get().call("log_prob", logits, targets);
    }

    /**
     * A choice among few: the log-probability of what was chosen, and the entropy of the distribution, in nats, each
     * {@code [N, 1]}. For a vocabulary see {@link TokenLogProbs}.
     *
     * @param logits {@code [N, A]}
     * @param chosen numbers of what was chosen, of any element type, {@code [N, 1]}
     */
    public static Choice categorical(NDArray logits, NDArray chosen) {
        NDList results = Kernels.get().callAll("categorical", logits, chosen);
        return new Choice(results.get(0), results.get(1));
    }

    /** Each {@code [N, 1]}, in nats. */
    public record Choice(NDArray logProbs, NDArray entropy) {}

    /** Sums of {@code x [N]} by INT64 segment {@code [N]}: {@code [count]}, zero for a segment without elements. */
    public static NDArray segmentSum(NDArray x, NDArray segments, int count) {
        Kernels kernels = Kernels.get();
        return kernels.call("segment_sum", x, segments, kernels.scalar(count));
    }

    /**
     * {@code x factor}. DJL's own product with a number keeps the number in memory of a Java buffer, which may be gone when the
     * backward pass asks for it: gradients then are zero or anything, once in some hundred steps.
     */
    public static NDArray times(NDArray x, double factor) {
        Kernels kernels = Kernels.get();
        return kernels.call("times", x, kernels.scalar(factor));
    }

    /** A float32 copy that keeps the gradient, unlike DJL's own cast. */
    public static NDArray toFloat32(NDArray x) {
        return Kernels.get().call("to_float32", x);
    }

    /** A float64 copy that keeps the gradient, unlike DJL's own cast. */
    public static NDArray toFloat64(NDArray x) {
        return Kernels.get().call("to_float64", x);
    }

    /**
     * A copy of another element type that keeps the gradient between floating-point types.
     *
     * @throws IllegalArgumentException for a type the engine's Java binding lacks: passing BFLOAT16 or INT16 to it would end
     *     the process
     */
    public static NDArray cast(NDArray x, DataType type) {
        Kernels kernels = Kernels.get();
        return kernels.call("cast", x, kernels.scalar(Kernels.torchType(type)));
    }

    /** Whether an array is of bfloat16. */
    public static boolean isBfloat16(NDArray x) {
        return x.getDataType() == BFLOAT16;
    }

    /** Rounded to the nearest bfloat16, ties to even, with the gradient kept; the array itself if it is of bfloat16. */
    public static NDArray toBfloat16(NDArray x) {
        return isBfloat16(x) ? x : Kernels.get().call("to_bfloat16", x);
    }

    /** As {@code x}, where it is of bfloat16 of float32, with the gradient kept; else {@code x} itself. */
    public static NDArray widened(NDArray x) {
        return isBfloat16(x) ? toFloat32(x) : x;
    }

    /** Zeros of the shape and type of {@code x}. */
    public static NDArray zerosLike(NDArray x) {
        return Torch.withoutGradients(() -> Kernels.get().call("zeros_like", x));
    }

    /** Rounds to the nearest bfloat16, ties to even, and back to float32; the gradient passes unchanged. */
    public static NDArray roundToBfloat16(NDArray x) {
        return Kernels.get().call("round_to_bfloat16", x);
    }

    /** Whether a gradient would flow into {@code x}: a leaf that wants one, or a result computed from such a leaf. */
    public static boolean inGraph(NDArray x) {
        try (NDArray answer = Kernels.get().call("in_graph", x)) {
            return answer.toBooleanArray()[0];
        }
    }

    /** Overwrites {@code target} with the values of {@code source}, in place; gradient mode must be off. */
    public static void copyInto(NDArray target, NDArray source) {
        Kernels.get().call("copy_into", target, source).close();
    }
}
