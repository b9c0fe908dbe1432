package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.text.EncodedExample;

/** A figure of every completion token of many rows, computed in batches of similar length without gradients. */
public final class CompletionFigures {
    /** Padded tokens of one forward pass; bounds the memory whatever the number of rows. */
    private static final int TOKENS_PER_BATCH = 8192;

    private CompletionFigures() {}

    /**
     * Computes it.
     *
     * @param examples rows of any lengths
     * @param figure from a batch to {@code [N]}, in the order of {@link PaddedBatch#completionTargets()}; runs on the
     *     tensor thread in a scope of its own
     * @return one array a row, in order, with one value for each token of its completion
     */
    public static float[][] of(List<EncodedExample> examples, Function<PaddedBatch, NDArray> figure) {
        float[][] result = new float[examples.size()][];
        int[] lengths = examples.stream().mapToInt(EncodedExample::length).toArray();
        for (int[] rows : LengthBatches.plan(lengths, TOKENS_PER_BATCH, examples.size())) {
            PaddedBatch batch =
                    PaddedBatch.of(Arrays.stream(rows).mapToObj(examples::get).toList());
            // Weights in training would make a graph of it.
            float[] flat = Torch.call(
                    () -> Torch.withoutGradients(() -> Scope.call(() -> HostCopy.toFloats(figure.apply(batch)))));
            int from = 0;
            for (int i = 0; i < rows.length; i++) {
                int to = from + batch.completionTokens(i);
                result[rows[i]] = Arrays.copyOfRange(flat, from, to);
                from = to;
            }
        }
        return result;
    }
}
