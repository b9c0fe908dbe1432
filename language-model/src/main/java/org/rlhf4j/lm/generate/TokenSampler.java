package org.rlhf4j.lm.generate;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
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
     * @param seen gives the ids of a row so far, prompt included; asked only where they are penalised
     * @param uniform gives a number in [0, 1) for a row; asked only where something is drawn
     * @throws ArithmeticException if the logits are no distribution
     */
    public Choice choose(NDArray logits, IntFunction<int[]> seen, IntToDoubleFunction uniform) {
        int rows = Math.toIntExact(logits.getShape().get(0));
        NDArray chosen = sampling.isGreedy()
                ? GenerationOps.chooseBest(logits, penalised(logits, seen))
                : GenerationOps.choose(processed(logits, seen), column(rows, uniform));
        double[] values = chosen.toDoubleArray();
        int[] ids = new int[rows];
        float[] logProbs = new float[rows];
        for (int row = 0; row < ids.length; row++) {
            ids[row] = (int) values[2 * row];
            logProbs[row] = (float) values[2 * row + 1];
            if (Float.isNaN(logProbs[row])) {
                throw new ArithmeticException("the model gives no probabilities: its logits are NaN or infinite");
            }
        }
        return new Choice(ids, logProbs);
    }

    private static NDArray column(int rows, IntToDoubleFunction values) {
        double[] column = IntStream.range(0, rows).mapToDouble(values).toArray();
        return HostCopy.create(Torch.manager(), new Shape(rows, 1), column);
    }

    /**
     * The logits whose softmax is sampled from.
     *
     * @param logits {@code [B, V]}
     * @param seen as in {@link #choose}
     * @return {@code [B, V]}, -Infinity for tokens that cannot come
     */
    NDArray processed(NDArray logits, IntFunction<int[]> seen) {
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

    private NDArray penalised(NDArray logits, IntFunction<int[]> seen) {
        if (!sampling.penalises()) {
            return logits;
        }
        int rows = Math.toIntExact(logits.getShape().get(0));
        int[][] all = IntStream.range(0, rows).mapToObj(seen).toArray(int[][]::new);
        int width = Arrays.stream(all).mapToInt(row -> row.length).max().orElseThrow();
        int[] ids = new int[Math.multiplyExact(rows, width)];
        for (int row = 0; row < rows; row++) {
            // A shorter row repeats its first id: an id that stands there twice is penalised once.
            Arrays.fill(ids, row * width, (row + 1) * width, all[row][0]);
            System.arraycopy(all[row], 0, ids, row * width, all[row].length);
        }
        NDArray index = HostCopy.create(Torch.manager(), new Shape(rows, width), ids);
        return GenerationOps.repetitionPenalty(logits, index, sampling.repetitionPenalty());
    }
}
