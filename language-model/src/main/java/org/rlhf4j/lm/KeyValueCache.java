package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.GenerationOps;
import org.rlhf4j.core.tensor.GenerationOps.KeyValues;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * The keys and values of a batch of sequences that grow by one token at a time, in buffers that are allocated once.
 *
 * <p>All rows end in the same column: a shorter prompt starts further right, and what stands before its first token is
 * hidden. Rows may leave; the last row then takes the place of one that left. Used on the tensor thread with gradients off,
 * and freed with the scope in which it was made.
 */
final class KeyValueCache {
    private final ModelConfig config;
    private final DataType type;
    private final int capacity;
    private final List<KeyValues> buffers = new ArrayList<>();
    private final int[] starts;
    private List<KeyValues> live;
    private NDArray mask;
    private int rows;
    private int filled;

    /**
     * Empty buffers for a batch.
     *
     * @param config gives sizes and windows
     * @param type that of the weights
     * @param prompts the sequences to begin with, padded on the left
     * @param capacity columns: those of the prompts and those to come
     */
    KeyValueCache(ModelConfig config, DataType type, PaddedBatch prompts, int capacity) {
        this.config = config;
        this.type = type;
        this.capacity = capacity;
        this.rows = prompts.rows();
        this.starts = new int[rows];
        Arrays.setAll(starts, prompts::start);
        ModelConfig.Sizes sizes = config.sizes();
        Shape shape = new Shape(rows, sizes.keyValueHeads(), capacity, sizes.headDim());
        for (int i = 0; i < sizes.layers(); i++) {
            buffers.add(new KeyValues(
                    HostCopy.zeros(Torch.manager(), shape, type), HostCopy.zeros(Torch.manager(), shape, type)));
        }
        this.live = buffers;
        this.mask = mask();
    }

    /** The attention of the prompts, whose keys and values are kept. */
    Attention filling(Attention prompts) {
        return new Attention() {
            @Override
            public RotaryTable.@Nullable Turns turns(int layer) {
                return prompts.turns(layer);
            }

            @Override
            public long[] positions() {
                return prompts.positions();
            }

            @Override
            public NDArray mix(int layer, NDArray q, NDArray k, NDArray v) {
                filled = Math.toIntExact(k.getShape().get(2));
                NDIndex columns = new NDIndex(":, :, 0:" + filled);
                TorchOps.copyInto(buffers.get(layer).keys().get(columns), k);
                TorchOps.copyInto(buffers.get(layer).values().get(columns), v);
                return prompts.mix(layer, q, k, v);
            }
        };
    }

    /** The attention of one more token a row, which takes the next column. */
    Attention next(Positions rotary) {
        if (filled == capacity) {
            throw new IllegalStateException("the cache is full: it holds " + capacity + " columns");
        }
        long[] positions = new long[rows];
        Arrays.setAll(positions, row -> filled - starts[row]);
        filled++;
        Positions.Turns turns = rotary.next(positions);
        AttentionScores scores = config.scores();
        NDArray seen = mask.get(new NDIndex(":, :, :, 0:" + filled));
        return new Attention() {
            @Override
            public RotaryTable.@Nullable Turns turns(int layer) {
                return turns.of(layer);
            }

            @Override
            public long[] positions() {
                return positions;
            }

            @Override
            public NDArray mix(int layer, NDArray q, NDArray k, NDArray v) {
                int window = config.window(layer).orElse(capacity);
                GenerationOps.Weighing weighing = new GenerationOps.Weighing(
                        seen, window, scores.scale(layer), scores.softCap().orElse(0));
                return GenerationOps.continuedAttention(q, k, v, live.get(layer), weighing);
            }
        };
    }

    /**
     * Lets rows go: the last rows take their places.
     *
     * @param leaving indices of rows, falling
     */
    void leave(List<Integer> leaving) {
        for (int row : leaving) {
            rows--;
            if (row != rows) {
                move(rows, row);
            }
        }
        close(live);
        live = buffers.stream()
                .map(each -> new KeyValues(first(each.keys()), first(each.values())))
                .toList();
        mask.close();
        mask = mask();
    }

    private void move(int from, int to) {
        starts[to] = starts[from];
        for (KeyValues each : buffers) {
            for (NDArray array : List.of(each.keys(), each.values())) {
                String columns = ", :, 0:" + filled;
                try (NDArray target = array.get(new NDIndex(to + columns));
                        NDArray source = array.get(new NDIndex(from + columns))) {
                    TorchOps.copyInto(target, source);
                }
            }
        }
    }

    private NDArray first(NDArray array) {
        return array.get(new NDIndex("0:" + rows));
    }

    private void close(List<KeyValues> views) {
        if (views != buffers) {
            for (KeyValues each : views) {
                each.keys().close();
                each.values().close();
            }
        }
    }

    /** {@code [B, 1, 1, S]}: 0 where a row's tokens stand or will stand; {@code [1, 1, 1, S]} where all rows are full. */
    private NDArray mask() {
        boolean full = Arrays.stream(starts, 0, rows).allMatch(start -> start == 0);
        int height = full ? 1 : rows;
        float[] hidden = new float[Math.multiplyExact(height, capacity)];
        for (int row = 0; row < height; row++) {
            Arrays.fill(hidden, row * capacity, row * capacity + starts[row], CausalAttention.HIDDEN_SCORE);
        }
        NDArray array = HostCopy.create(Torch.manager(), new Shape(height, 1, 1, capacity), hidden);
        return type == DataType.FLOAT64 ? TorchOps.toFloat64(array) : array;
    }
}
