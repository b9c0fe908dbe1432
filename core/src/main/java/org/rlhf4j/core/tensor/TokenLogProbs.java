package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;

/**
 * Log-probability of each target token, entropy of its distribution and whether it is the likeliest one, from hidden
 * states and the head of a language model, without ever holding the {@code [N, V]} logits.
 *
 * <p>With {@code z = hidden · headᵀ / temperature} and {@code p = softmax(z)}, for each of N positions:
 *
 * <pre>
 * logProb = z[target] - logsumexp(z)         d logProb / dz_j = 1[j = target] - p_j
 * entropy = - sum_j p_j log p_j              d entropy / dz_j = - p_j (log p_j + entropy)
 * </pre>
 *
 * <p>both in nats. Positions are worked off in chunks; the backward pass makes the logits of a chunk anew and pushes
 * their gradient through the head at once, so the peak is a few chunks and one array of the head's shape.
 *
 * @param logProb {@code [N]}, at most 0
 * @param entropy {@code [N]}, in {@code [0, log V]}
 * @param correct {@code [N]}: 1 where no token is likelier than the target, else 0; a constant
 */
public record TokenLogProbs(NDArray logProb, NDArray entropy, NDArray correct) {
    /**
     * Bytes of one chunk's logits: enough rows to multiply at full speed, and below the 32 MiB from which the C library
     * takes memory from the system page by page and gives it back at once.
     */
    private static final long CHUNK_BYTES = 31L << 20;

    /** Rows of a chunk at least: the weight of a large head is read once a chunk. */
    private static final int CHUNK_ROWS = 64;

    /**
     * The values without gradients.
     *
     * @param hidden {@code [N, H]} after the final norm; position i predicts target i
     * @param head gives the logits
     * @param targets N ids in {@code [0, V)}
     * @param temperature divides the logits; positive
     */
    public static TokenLogProbs forward(NDArray hidden, VocabularyHead head, int[] targets, double temperature) {
        return new Head(hidden, head, targets, temperature, rowsOfAChunk(hidden, head.weight())).forward();
    }

    /**
     * The values, the first two as leaves of {@code tape}: gradients of the loss with respect to them flow on into {@code hidden} and
     * {@code head} in the second phase of the backward pass. Arguments as in {@link #forward}.
     *
     * <p>A loss that uses {@code hidden} in another way too, say for a value head, must {@linkplain Tape#cut cut} it
     * first and use the leaf for both.
     */
    public static TokenLogProbs of(Tape tape, NDArray hidden, VocabularyHead head, int[] targets, double temperature) {
        return of(tape, hidden, head, targets, temperature, rowsOfAChunk(hidden, head.weight()));
    }

    static TokenLogProbs of(
            Tape tape, NDArray hidden, VocabularyHead head, int[] targets, double temperature, int chunkRows) {
        Head work = new Head(hidden, head, targets, temperature, chunkRows);
        work.keepLogSoftmax = tape.recording();
        TokenLogProbs values = work.forward();
        if (tape.recording()) {
            values.logProb.setRequiresGradient(true);
            values.entropy.setRequiresGradient(true);
            tape.afterLoss(() -> work.backward(tape, values));
        }
        return values;
    }

    /** Rows whose logits make one chunk. */
    static int rowsOfAChunk(NDArray hidden, NDArray head) {
        long rowBytes = head.getShape().get(0) * figuresType(hidden).getNumOfBytes();
        return (int) Math.max(CHUNK_ROWS, CHUNK_BYTES / Math.max(1, rowBytes));
    }

    /** The type of what is worked out from hidden states: float32 for those of bfloat16. */
    static DataType figuresType(NDArray hidden) {
        return TorchOps.isBfloat16(hidden) ? DataType.FLOAT32 : hidden.getDataType();
    }

    /** The head in the type of the hidden states, without a gradient. */
    static NDArray matrix(NDArray hidden, NDArray head) {
        return TorchOps.isBfloat16(hidden) ? Torch.withoutGradients(() -> TorchOps.toBfloat16(head)) : head;
    }

    /** Refuses shapes that do not belong together and targets outside the vocabulary. */
    static void requireShapes(Shape hidden, Shape head, int[] targets) {
        if (hidden.dimension() != 2 || head.dimension() != 2 || hidden.get(1) != head.get(1)) {
            throw new IllegalArgumentException(
                    "hidden is " + hidden + " and head " + head + ": they must be [N, H] and [V, H]");
        }
        if (targets.length == 0 || hidden.get(0) != targets.length) {
            throw new IllegalArgumentException(
                    targets.length + " targets for " + hidden.get(0) + " positions: one each, at least one");
        }
        for (int i = 0; i < targets.length; i++) {
            if (targets[i] < 0 || targets[i] >= head.get(0)) {
                throw new IllegalArgumentException(
                        "target " + i + " is " + targets[i] + ", outside the vocabulary of " + head.get(0) + " tokens");
            }
        }
    }

    /** One evaluation of the head, chunk by chunk. */
    private static final class Head {
        private final NDArray hidden;
        private final NDArray head;
        private final NDArray matrix;
        private final NDArray targets;
        private final double cap;
        private final NDArray inverseTemperature;
        private final int count;
        private final int chunk;
        private boolean keepLogSoftmax;
        private @Nullable NDArray logSoftmax;

        Head(NDArray hidden, VocabularyHead vocabulary, int[] targets, double temperature, int chunkRows) {
            this.head = vocabulary.weight();
            requireShapes(hidden.getShape(), head.getShape(), targets);
            if (!(temperature > 0) || Double.isInfinite(temperature)) {
                throw new IllegalArgumentException("the temperature is " + temperature + ": it must be positive");
            }
            this.hidden = hidden;
            this.matrix = matrix(hidden, head);
            // The temperature divides the hidden states, so that of a capped logit divides the cap, too.
            this.cap = vocabulary.cap() / temperature;
            this.inverseTemperature = Kernels.get().scalar(1 / temperature);
            this.count = targets.length;
            this.targets = HostCopy.create(hidden.getManager(), new Shape(count), targets);
            this.chunk = Math.min(count, chunkRows);
        }

        TokenLogProbs forward() {
            // Made before the chunks: small survivors between large temporaries would leave holes that nothing fits.
            Shape shape = new Shape(count);
            DataType type = figuresType(hidden);
            NDArray logProb = hidden.getManager().create(shape, type);
            NDArray entropy = hidden.getManager().create(shape, type);
            NDArray correct = hidden.getManager().create(shape, type);
            TokenLogProbs values = new TokenLogProbs(logProb, entropy, correct);
            return Torch.withoutGradients(() -> {
                if (keepLogSoftmax && chunk == count) {
                    logSoftmax = logSoftmax(0);
                }
                for (int start = 0; start < count; start += chunk) {
                    int from = start;
                    Scope.run(() -> forwardChunk(from, values));
                }
                return values;
            });
        }

        private void forwardChunk(int start, TokenLogProbs values) {
            Kernels kernels = Kernels.head();
            NDArray all = logSoftmax == null ? logSoftmax(start) : logSoftmax;
            NDArray picked = kernels.call("token_pick", all, rows(targets, start));
            TorchOps.copyInto(rows(values.logProb, start), picked);
            TorchOps.copyInto(rows(values.entropy, start), kernels.call("token_entropy", all));
            TorchOps.copyInto(rows(values.correct, start), kernels.call("token_correct", all, picked));
        }

        private NDArray logSoftmax(int start) {
            Kernels kernels = Kernels.head();
            return kernels.call("token_log_softmax", scaledHidden(start), matrix, kernels.scalar(cap));
        }

        /** The temperature divides the hidden states, a much smaller array than the logits. */
        private NDArray scaledHidden(int start) {
            return rows(hidden, start).mul(inverseTemperature);
        }

        private NDArray rows(NDArray array, int start) {
            return chunk == count ? array : array.get(new NDIndex().addSliceDim(start, Math.min(count, start + chunk)));
        }

        void backward(Tape tape, TokenLogProbs values) {
            NDArray byLogProb = Tape.gradient(values.logProb);
            NDArray byEntropy = Tape.gradient(values.entropy);
            boolean wantsHidden = tape.wants(hidden);
            boolean wantsHead = tape.wants(head);
            if ((byLogProb == null && byEntropy == null) || (!wantsHidden && !wantsHead)) {
                return;
            }
            NDArray a = byLogProb == null ? TorchOps.zerosLike(values.logProb) : byLogProb;
            NDArray hiddenGradient = wantsHidden ? TorchOps.zerosLike(hidden) : null;
            NDArray headGradient = wantsHead ? tape.accumulator(head) : null;
            Torch.withoutGradients(() -> {
                for (int start = 0; start < count; start += chunk) {
                    int from = start;
                    Scope.run(() -> backwardChunk(from, values.entropy, a, byEntropy, hiddenGradient, headGradient));
                }
                return true;
            });
            if (hiddenGradient != null) {
                tape.inject(hidden, hiddenGradient);
            }
        }

        private void backwardChunk(
                int start,
                NDArray entropy,
                NDArray byLogProb,
                @Nullable NDArray byEntropy,
                @Nullable NDArray hiddenGradient,
                @Nullable NDArray headGradient) {
            Kernels kernels = Kernels.head();
            NDArray all = logSoftmax == null ? logSoftmax(start) : logSoftmax;
            NDArray logitGradient = byEntropy == null
                    ? kernels.call("token_log_prob_gradient", all, rows(targets, start), rows(byLogProb, start))
                    : kernels.call(
                            "token_logit_gradient",
                            all,
                            rows(targets, start),
                            rows(entropy, start),
                            rows(byLogProb, start),
                            rows(byEntropy, start));
            if (cap > 0) {
                logitGradient = kernels.call(
                        "token_cap_gradient", logitGradient, scaledHidden(start), matrix, kernels.scalar(cap));
            }
            if (hiddenGradient != null) {
                TorchOps.copyInto(
                        rows(hiddenGradient, start),
                        kernels.call("token_hidden_gradient", logitGradient, matrix)
                                .mul(inverseTemperature));
            }
            if (headGradient != null) {
                kernels.call("add_head_gradient", headGradient, logitGradient, scaledHidden(start));
            }
        }
    }
}
