package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * Attention within the sequences of one batch: every token sees itself and what stands before it in its row.
 *
 * @param turns the rotary turns of the batch's columns
 * @param mask {@code [B, 1, T, T]}, or null where the causal mask alone will do
 * @param scale factor of the scores
 */
record CausalAttention(RotaryTable.Turns turns, @Nullable NDArray mask, double scale) implements Attention {
    /** Added to the scores of what a query must not see; finite, so that a row of padding has no NaN. */
    static final float HIDDEN_SCORE = -1e9f;

    static CausalAttention of(PaddedBatch batch, RotaryTable rotary, double scale, DataType type) {
        boolean shifted = batch.side() == PaddedBatch.Side.LEFT && batch.isPadded();
        // Under a causal mask no token sees padding on its right, so only padding on the left needs a mask of its own.
        return shifted
                ? new CausalAttention(rotary.at(batch), leftPaddingMask(batch, type), scale)
                : new CausalAttention(rotary.upTo(batch.width()), null, scale);
    }

    @Override
    public NDArray mix(int layer, NDArray q, NDArray k, NDArray v) {
        return mask == null ? TorchOps.causalAttention(q, k, v, scale) : TorchOps.attention(q, k, v, mask, scale);
    }

    /** {@code [B, 1, T, T]}: 0 where the key is real and not after the query. */
    private static NDArray leftPaddingMask(PaddedBatch batch, DataType type) {
        int width = batch.width();
        float[] mask = new float[Math.multiplyExact(batch.rows(), Math.multiplyExact(width, width))];
        for (int row = 0; row < batch.rows(); row++) {
            for (int query = 0; query < width; query++) {
                int from = (row * width + query) * width;
                for (int key = 0; key < width; key++) {
                    mask[from + key] = key <= query && key >= batch.start(row) ? 0f : HIDDEN_SCORE;
                }
            }
        }
        NDArray array = HostCopy.create(Torch.manager(), new Shape(batch.rows(), 1, width, width), mask);
        return type == DataType.FLOAT64 ? TorchOps.toFloat64(array) : array;
    }
}
