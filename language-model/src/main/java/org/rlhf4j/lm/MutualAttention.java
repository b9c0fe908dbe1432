package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * Attention within the sequences of one batch in both directions: every token sees every other of its row, as far as the layer's
 * window reaches.
 */
final class MutualAttention {
    private static final int EVERYTHING = Integer.MAX_VALUE;

    private final EncoderConfig config;
    private final double scale;
    private final Map<Double, RotaryTable.Turns> turns = new HashMap<>();
    private final RelativePositions.@Nullable Scores relative;
    private final int[] reaches;
    private final Map<Integer, NDArray> masks = new HashMap<>();

    /**
     * The attention of a batch.
     *
     * @param batch the sequences
     * @param config gives the layers' windows
     * @param rotary by the base of their frequencies
     * @param relative the terms of disentangled attention, or null
     * @param type that of the weights
     */
    MutualAttention(
            PaddedBatch batch,
            EncoderConfig config,
            Map<Double, RotaryTable> rotary,
            @Nullable RelativePositions relative,
            DataType type) {
        this.config = config;
        EncoderConfig.Attending attending = config.attending();
        this.scale = 1.0 / Math.sqrt((double) config.sizes().headDim() * attending.scoreTerms());
        rotary.forEach((theta, table) -> turns.put(theta, table.of(batch)));
        this.relative = relative == null ? null : relative.over(batch.width());
        this.reaches = new int[config.sizes().layers()];
        for (int layer = 0; layer < reaches.length; layer++) {
            int reach = attending.windows().get(layer).orElse(EVERYTHING);
            reaches[layer] = reach < batch.width() - 1 ? reach : EVERYTHING;
            masks.computeIfAbsent(reaches[layer], each -> mask(batch, each, type));
        }
    }

    /**
     * What the heads of a layer make of the sequences.
     *
     * @param q {@code [B, n, T, D]}
     * @param k {@code [B, n, T, D]}
     * @param v {@code [B, n, T, D]}
     * @return {@code [B, n, T, D]}
     */
    NDArray mix(int layer, NDArray q, NDArray k, NDArray v) {
        NDArray mask = Objects.requireNonNull(masks.get(reaches[layer]));
        if (relative != null) {
            return TorchOps.attention(
                    q, k, v, TorchOps.times(relative.of(layer, q, k), scale).add(mask), scale, 0);
        }
        if (turns.isEmpty()) {
            return TorchOps.attention(q, k, v, mask, scale, 0);
        }
        RotaryTable.Turns own =
                Objects.requireNonNull(turns.get(config.attending().thetas().get(layer)));
        return TorchOps.attention(
                TorchOps.rope(q, own.cos(), own.sin()), TorchOps.rope(k, own.cos(), own.sin()), v, mask, scale, 0);
    }

    /** 0 where a query sees a key: {@code [B, 1, 1, T]} where all queries see the same, otherwise {@code [B, 1, T, T]}. */
    private static NDArray mask(PaddedBatch batch, int reach, DataType type) {
        int rows = batch.isPadded() ? batch.rows() : 1;
        int width = batch.width();
        int queries = reach == EVERYTHING ? 1 : width;
        float[] mask = new float[Math.multiplyExact(rows, Math.multiplyExact(queries, width))];
        Arrays.fill(mask, CausalAttention.HIDDEN_SCORE);
        for (int row = 0; row < rows; row++) {
            for (int query = 0; query < queries; query++) {
                int from = (row * queries + query) * width;
                int first = reach == EVERYTHING ? batch.start(row) : Math.max(batch.start(row), query - reach);
                int last = reach == EVERYTHING ? batch.last(row) : Math.min(batch.last(row), query + reach);
                if (first <= last) {
                    Arrays.fill(mask, from + first, from + last + 1, 0f);
                }
            }
        }
        NDArray array = HostCopy.create(Torch.manager(), new Shape(rows, 1, queries, width), mask);
        return type == DataType.FLOAT64 ? TorchOps.toFloat64(array) : array;
    }
}
