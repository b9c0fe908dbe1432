package org.rlhf4j.lm.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.rlhf4j.core.tensor.GenerationOps;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;

/** Chooses the next token of each row from its logits. Used on the tensor thread, inside a scope. */
public final class TokenSampler {
    private final Sampling sampling;

    /** A sampler. */
    public TokenSampler(Sampling sampling) {
        this.sampling = sampling;
    }

    /**
     * What was chosen.
     *
     * @param ids one a row
     * @param logProbs in nats, as {@link GeneratedCompletion#logProbs} defines them
     */
    @SuppressWarnings("ArrayRecordComponent") // taken apart at once
    public record Choice(int[] ids, float[] logProbs) {}

    /**
     * Chooses one token a row.
     *
     * @param logits {@code [B, V]}
     * @param seen the ids of each row so far, prompt included, for the repetition penalty
     * @param uniform one number in [0, 1) a row; not looked at when greedy
     */
    public Choice choose(NDArray logits, int[][] seen, double[] uniform) {
        NDArray chosen = sampling.isGreedy()
                ? GenerationOps.chooseBest(logits, penalised(logits, seen))
                : GenerationOps.choose(
                        processed(logits, seen),
                        HostCopy.create(Torch.manager(), new Shape(uniform.length, 1), uniform));
        double[] values = chosen.toDoubleArray();
        int[] ids = new int[uniform.length];
        float[] logProbs = new float[uniform.length];
        for (int row = 0; row < ids.length; row++) {
            ids[row] = (int) values[2 * row];
            logProbs[row] = (float) values[2 * row + 1];
        }
        return new Choice(ids, logProbs);
    }

    /**
     * The logits whose softmax is sampled from.
     *
     * @param logits {@code [B, V]}
     * @param seen as in {@link #choose}
     * @return {@code [B, V]}, -Infinity for tokens that cannot come
     */
    NDArray processed(NDArray logits, int[][] seen) {
        NDArray x = penalised(logits, seen);
        if (sampling.temperature() != 1) {
            x = x.div(sampling.temperature());
        }
        if (sampling.topK() > 0) {
            x = GenerationOps.keepTopK(
                    x, (int) Math.min(sampling.topK(), logits.getShape().get(1)));
        }
        if (sampling.topP() < 1) {
            x = GenerationOps.keepTopP(x, sampling.topP());
        }
        return sampling.minP() > 0 ? GenerationOps.keepMinP(x, sampling.minP()) : x;
    }

    private NDArray penalised(NDArray logits, int[][] seen) {
        if (!sampling.penalises()) {
            return logits;
        }
        int width = 0;
        for (int[] row : seen) {
            width = Math.max(width, row.length);
        }
        int[] ids = new int[Math.multiplyExact(seen.length, width)];
        for (int row = 0; row < seen.length; row++) {
            for (int i = 0; i < width; i++) {
                // A shorter row repeats its first id: an id that stands there twice is penalised once.
                ids[row * width + i] = seen[row][i < seen[row].length ? i : 0];
            }
        }
        NDArray index = HostCopy.create(Torch.manager(), new Shape(seen.length, width), ids);
        return GenerationOps.repetitionPenalty(logits, index, sampling.repetitionPenalty());
    }
}
