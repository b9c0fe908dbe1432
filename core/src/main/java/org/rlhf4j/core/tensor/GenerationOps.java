package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;

/**
 * Operators that continue sequences: attention over keys that are kept, and the choice of the next token. None has a
 * gradient; gradient mode must be off. Used on the tensor thread.
 *
 * <p>The filters are those of transformers' logits processors, ties included, and set the logits of what they drop to
 * -Infinity.
 */
public final class GenerationOps {
    private GenerationOps() {}

    /**
     * The buffers of a layer.
     *
     * @param keys {@code [B, m, S, D]}
     * @param values {@code [B, m, S, D]}
     */
    public record KeyValues(NDArray keys, NDArray values) {}

    /**
     * How a new token weighs the columns that are filled.
     *
     * @param mask added to the scores, {@code [B, 1, 1, T]} or {@code [1, 1, 1, T]}; T is the number of columns filled,
     *     the new one included
     * @param window how many columns up to its own the token sees
     * @param scale of the products
     * @param cap c of scores that become {@code c tanh(z / c)}, or 0 for none
     */
    public record Weighing(NDArray mask, int window, double scale, double cap) {}

    /**
     * Attention of one new token a row: writes its key and value into the first free column of the buffers and gives
     * {@code softmax(q kᵀ scale + mask) v} over the filled ones.
     *
     * @param q {@code [B, n, 1, D]}
     * @param k {@code [B, m, 1, D]}, m divides n; key head j serves query heads j n/m .. (j+1) n/m - 1
     * @param v {@code [B, m, 1, D]}
     * @param kept changed in place
     * @param weighing how
     */
    public static NDArray continuedAttention(NDArray q, NDArray k, NDArray v, KeyValues kept, Weighing weighing) {
        Kernels kernels = Kernels.get();
        return kernels.call(
                "continued_attention",
                q,
                k,
                v,
                kept.keys,
                kept.values,
                weighing.mask,
                kernels.scalar(weighing.window),
                kernels.scalar(weighing.scale),
                kernels.scalar(weighing.cap));
    }

    /**
     * Divides positive logits of ids that were seen by the penalty and multiplies negative ones with it (Keskar et al.,
     * arXiv:1909.05858, section 4.1).
     *
     * @param logits {@code [B, V]}
     * @param seen INT64 {@code [B, K]}; an id may stand there several times
     * @param penalty above 0; 1 changes nothing
     */
    public static NDArray repetitionPenalty(NDArray logits, NDArray seen, double penalty) {
        Kernels kernels = Kernels.get();
        return kernels.call("repetition_penalty", logits, seen, kernels.scalar(penalty));
    }

    /** Drops what is below the k-th largest of {@code logits [B, V]}; what equals it stays, k in 1..V. */
    public static NDArray keepTopK(NDArray logits, int k) {
        Kernels kernels = Kernels.get();
        return kernels.call("keep_top_k", logits, kernels.scalar(k), kernels.scalar(Double.NEGATIVE_INFINITY));
    }

    /**
     * Drops, from the least likely on, tokens of {@code logits [B, V]} as long as together they have at most 1 - p; the
     * most likely stays (Holtzman et al., arXiv:1904.09751, section 3.1). Of tokens with equal logits the first go first.
     */
    public static NDArray keepTopP(NDArray logits, double p) {
        Kernels kernels = Kernels.get();
        return kernels.call("keep_top_p", logits, kernels.scalar(1 - p), kernels.scalar(Double.NEGATIVE_INFINITY));
    }

    /** Drops tokens of {@code logits [B, V]} less likely than {@code share} of the most likely one (arXiv:2407.01082). */
    public static NDArray keepMinP(NDArray logits, double share) {
        Kernels kernels = Kernels.get();
        return kernels.call("keep_min_p", logits, kernels.scalar(share), kernels.scalar(Double.NEGATIVE_INFINITY));
    }

    /**
     * Draws from {@code softmax(logits)} by inverting its cumulative distribution: the first id at which the sum of the
     * probabilities exceeds {@code uniform}.
     *
     * @param logits {@code [B, V]}
     * @param uniform FLOAT64 {@code [B, 1]} in [0, 1)
     * @return FLOAT64 {@code [B, 2]}: the id, and its log-probability in nats
     */
    public static NDArray choose(NDArray logits, NDArray uniform) {
        return Kernels.get().call("choose", logits, uniform);
    }

    /**
     * The first of the largest of {@code ranked}.
     *
     * @param logits {@code [B, V]}
     * @param ranked {@code [B, V]}: the same, or what a penalty made of them
     * @return FLOAT64 {@code [B, 2]}: the id, and its log-probability in nats under {@code softmax(logits)}
     */
    public static NDArray chooseBest(NDArray logits, NDArray ranked) {
        return Kernels.get().call("choose_best", logits, ranked);
    }
}
