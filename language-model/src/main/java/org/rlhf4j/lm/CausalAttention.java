package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * Attention within the sequences of one batch: every token sees itself and what stands before it in its row, as far as the
 * layer's window reaches.
 */
final class CausalAttention implements Attention {
    /** Added to the scores of what a query must not see; finite, so that a row of padding has no NaN. */
    static final float HIDDEN_SCORE = -1e9f;

    private final PaddedBatch batch;
    private final Positions.Turns turns;
    private final AttentionScores scores;
    private final int[] reaches;
    private final Map<Integer, NDArray> masks = new HashMap<>();

    /**
     * The attention of a batch.
     *
     * @param batch the sequences
     * @param config gives the layers' windows and how they weigh
     * @param positions gives the turns of the batch's columns
     * @param type that of the weights
     */
    CausalAttention(PaddedBatch batch, ModelConfig config, Positions positions, DataType type) {
        int width = batch.width();
        boolean shifted = batch.isShifted();
        this.batch = batch;
        this.turns = positions.of(batch);
        this.scores = config.scores();
        this.reaches = new int[config.sizes().layers()];
        for (int layer = 0; layer < reaches.length; layer++) {
            int reach = Math.min(width, config.window(layer).orElse(width));
            reaches[layer] = reach;
            // No token sees padding on its right, so the causal mask alone will do unless padding stands on the left,
            // rows
            // hold several sequences, or these are longer than the window.
            if (shifted || reach < width) {
                masks.computeIfAbsent(reach, each -> mask(batch, each, shifted, type));
            }
        }
    }

    @Override
    public RotaryTable.@Nullable Turns turns(int layer) {
        return turns.of(layer);
    }

    @Override
    public long[] positions() {
        return batch.positions();
    }

    @Override
    public NDArray mix(int layer, NDArray q, NDArray k, NDArray v) {
        @Nullable NDArray mask = masks.get(reaches[layer]);
        double scale = scores.scale(layer);
        double cap = scores.softCap().orElse(0);
        return mask == null
                ? TorchOps.causalAttention(q, k, v, scale, cap)
                : TorchOps.attention(q, k, v, mask, scale, cap);
    }

    /** {@code [B, 1, T, T]}, or {@code [1, 1, T, T]}: 0 where query i sees key j, for {@code i - reach < j <= i}, j real. */
    private static NDArray mask(PaddedBatch batch, int reach, boolean shifted, DataType type) {
        int rows = shifted ? batch.rows() : 1;
        int width = batch.width();
        int[] beginnings = batch.beginnings();
        float[] mask = new float[Math.multiplyExact(rows, Math.multiplyExact(width, width))];
        Arrays.fill(mask, HIDDEN_SCORE);
        for (int row = 0; row < rows; row++) {
            for (int query = 0; query < width; query++) {
                int from = (row * width + query) * width;
                int first = Math.max(query - reach + 1, shifted ? beginnings[row * width + query] : 0);
                if (first <= query) {
                    Arrays.fill(mask, from + first, from + query + 1, 0f);
                }
            }
        }
        NDArray array = HostCopy.create(Torch.manager(), new Shape(rows, 1, width, width), mask);
        return type == DataType.FLOAT64 ? TorchOps.toFloat64(array) : array;
    }
}
