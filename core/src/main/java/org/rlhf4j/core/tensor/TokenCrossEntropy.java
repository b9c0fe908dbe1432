package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Negative log-likelihood of target tokens, summed, from hidden states and the weight of the language model head.
 *
 * <p>With {@code z = hidden · headᵀ} and {@code p = softmax(z)}, summed over N positions:
 *
 * <pre>
 * loss = sum of (logsumexp(z) - z[target])      d loss / dz_j = p_j - 1[j = target]
 * </pre>
 *
 * <p>The gradient of a sum needs nothing from further on, so it is worked out while the logits of a chunk of positions are
 * at hand: each is made once, and no more than two chunks of them are held. The entropy then costs nothing, for
 * {@code sum_j p_j z_j = hidden · sum_j p_j head_j}, which the gradient of {@code hidden} contains.
 *
 * @param sum {@code [1]} in float64, in nats; enters the loss as it is, alone or as a summand
 * @param entropySum summed entropies of the N distributions, in nats
 * @param correct positions where no token is more probable than the target
 */
public record TokenCrossEntropy(NDArray sum, double entropySum, int correct) {
    /**
     * The loss of N positions.
     *
     * @param tape of this pass; without gradients when it is not recording
     * @param hidden {@code [N, H]} after the final norm; position i predicts target i
     * @param head gives the logits
     * @param targets N ids in {@code [0, V)}
     */
    public static TokenCrossEntropy of(Tape tape, NDArray hidden, VocabularyHead head, int[] targets) {
        return of(tape, hidden, head, targets, TokenLogProbs.rowsOfAChunk(hidden, head.weight()));
    }

    static TokenCrossEntropy of(Tape tape, NDArray hidden, VocabularyHead head, int[] targets, int chunkRows) {
        TokenLogProbs.requireShapes(hidden.getShape(), head.weight().getShape(), targets);
        Work work = new Work(tape, hidden, head, targets);
        Torch.withoutGradients(() -> {
            for (int from = 0; from < targets.length; from += chunkRows) {
                int start = from;
                int end = Math.min(targets.length, from + chunkRows);
                Scope.run(() -> work.chunk(start, end));
            }
            return true;
        });
        return work.result();
    }

    /** One evaluation of the head, chunk by chunk. */
    private static final class Work {
        private final Tape tape;
        private final NDArray hidden;
        private final NDArray matrix;
        private final double cap;
        private final NDArray targets;
        private final NDArray figures;
        private final @Nullable NDArray byHidden;
        private final @Nullable NDArray byHead;

        Work(Tape tape, NDArray hidden, VocabularyHead vocabulary, int[] targets) {
            this.tape = tape;
            this.hidden = hidden;
            NDArray head = vocabulary.weight();
            this.matrix = TokenLogProbs.matrix(hidden, head);
            this.cap = vocabulary.cap();
            this.targets = HostCopy.create(
                    hidden.getManager(), Arrays.stream(targets).asLongStream().toArray());
            Shape shape = new Shape(targets.length, 3);
            this.figures = hidden.getManager().create(shape, TokenLogProbs.figuresType(hidden));
            this.byHidden = tape.wants(hidden) ? TorchOps.zerosLike(hidden) : null;
            this.byHead = tape.wants(head) ? tape.accumulator(head) : null;
        }

        private boolean wanted() {
            return byHidden != null || byHead != null;
        }

        void chunk(int start, int end) {
            Kernels kernels = Kernels.head();
            NDArray states = rows(hidden, start, end);
            NDArray ids = rows(targets, start, end);
            NDArray place = rows(figures, start, end);
            if (!wanted()) {
                TorchOps.copyInto(place, kernels.call("cross_entropy", states, matrix, ids, kernels.scalar(cap)));
                return;
            }
            NDList results = kernels.callAll("cross_entropy_gradient", states, matrix, ids, kernels.scalar(cap));
            TorchOps.copyInto(place, results.get(0));
            if (byHidden != null) {
                TorchOps.copyInto(rows(byHidden, start, end), results.get(1));
            }
            if (byHead != null) {
                kernels.call("add_head_gradient", byHead, results.get(2), TorchOps.times(states, tape.factor()));
            }
        }

        private static NDArray rows(NDArray array, int start, int end) {
            return array.get(new NDIndex().addSliceDim(start, end));
        }

        TokenCrossEntropy result() {
            double[] sums = Torch.withoutGradients(
                    () -> TorchOps.toFloat64(figures).sum(new int[] {0}).toDoubleArray());
            NDArray sum = HostCopy.create(hidden.getManager(), new double[] {sums[0]});
            if (wanted()) {
                sum.setRequiresGradient(true);
                tape.afterLoss(() -> backward(sum));
            }
            return new TokenCrossEntropy(sum, sums[1], (int) Math.round(sums[2]));
        }

        /** The head has its gradient already, times the factor of the pass, so that of the sum must be just this. */
        private void backward(NDArray sum) {
            NDArray gradient = Tape.gradient(sum);
            double factor = gradient == null ? 0 : gradient.toDoubleArray()[0];
            if (Math.abs(factor - tape.factor()) > 1e-6 * Math.abs(tape.factor())) {
                throw new IllegalStateException(
                        "a sum of cross entropies enters the loss as it is, not times " + factor / tape.factor());
            }
            if (byHidden != null) {
                tape.inject(hidden, TorchOps.times(byHidden, factor));
            }
        }
    }
}
