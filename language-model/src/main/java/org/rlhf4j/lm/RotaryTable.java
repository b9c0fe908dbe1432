package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * Cosines and sines of the rotary embedding, {@code [T, D]} each with the D/2 angles twice, computed in float64 and kept
 * for the longest sequence so far.
 */
final class RotaryTable {
    /** Cosines and sines that fit a batch: {@code [T, D]}, or {@code [B, 1, T, D]} where rows start at different columns. */
    record Turns(NDArray cos, NDArray sin) {}

    private final double[] frequencies;
    private final NDManager owner;
    private final DataType type;
    private int rows;
    private @Nullable Turns table;

    RotaryTable(double[] frequencies, NDManager owner, DataType type) {
        this.frequencies = frequencies;
        this.owner = owner;
        this.type = type;
    }

    /** The turns of positions 0 to T - 1, the same for every row; they live as long as the pass. */
    Turns upTo(int positions) {
        Turns whole = table(positions);
        NDIndex range = new NDIndex("0:" + positions);
        return new Turns(whole.cos().get(range), whole.sin().get(range));
    }

    /** The turns of each column's own position. */
    Turns at(PaddedBatch batch) {
        return at(batch.positions(), batch.rows());
    }

    /** The turns of positions {@code [B * T]} in row-major order. */
    Turns at(long[] positions, int rows) {
        Turns whole = table(Math.toIntExact(Arrays.stream(positions).max().orElse(0)) + 1);
        NDArray index = HostCopy.create(Torch.manager(), new Shape(rows, 1, positions.length / rows), positions);
        return new Turns(TorchOps.embedding(index, whole.cos()), TorchOps.embedding(index, whole.sin()));
    }

    private Turns table(int positions) {
        Turns known = table;
        if (known != null && positions <= rows) {
            return known;
        }
        int size = Math.max(positions, 2 * rows);
        Turns made = new Turns(owned(values(size, true)), owned(values(size, false)));
        if (known != null) {
            known.cos().close();
            known.sin().close();
        }
        table = made;
        rows = size;
        return made;
    }

    private NDArray values(int positions, boolean cosine) {
        int pairs = frequencies.length;
        double[] values = new double[Math.multiplyExact(positions, 2 * pairs)];
        for (int position = 0; position < positions; position++) {
            for (int i = 0; i < pairs; i++) {
                double angle = position * frequencies[i];
                double value = cosine ? Math.cos(angle) : Math.sin(angle);
                values[position * 2 * pairs + i] = value;
                values[position * 2 * pairs + pairs + i] = value;
            }
        }
        Shape shape = new Shape(positions, 2L * pairs);
        if (type == DataType.FLOAT64) {
            return HostCopy.create(owner, shape, values);
        }
        float[] narrow = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = (float) values[i];
        }
        return HostCopy.create(owner, shape, narrow);
    }

    /** Lets an array outlive the scope in which it was made. */
    private NDArray owned(NDArray array) {
        NDScope.unregister(array);
        array.attach(owner);
        return array;
    }
}
