package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * Cosines and sines of a rotary embedding, {@code [T, d]} each with the d/2 angles twice, computed in float64 and kept
 * for the longest sequence so far.
 */
final class RotaryTable {
    /** Cosines and sines that fit a batch: {@code [T, d]}, or {@code [B, 1, T, d]} where rows start at different columns. */
    record Turns(NDArray cos, NDArray sin) {}

    private final Rope rope;
    private final int headDim;
    private final NDManager owner;
    private final DataType type;
    private int rows;
    private int regime;
    private @Nullable Turns table;

    /**
     * An empty table.
     *
     * @param rope gives the frequencies
     * @param headDim numbers a head
     * @param owner gets the arrays
     * @param type that of the weights
     */
    RotaryTable(Rope rope, int headDim, NDManager owner, DataType type) {
        this.rope = rope;
        this.headDim = headDim;
        this.owner = owner;
        this.type = type;
    }

    /** The turns of each column of a batch. */
    Turns of(PaddedBatch batch) {
        int[] regimes = IntStream.range(0, batch.sequences())
                .map(each -> rope.scaling().regime(batch.length(each)))
                .toArray();
        if (Arrays.stream(regimes).distinct().count() > 1) {
            return oneByOne(batch, regimes);
        }
        return batch.isShifted() ? at(batch.positions(), batch.rows(), regimes[0]) : upTo(batch.width(), regimes[0]);
    }

    /** The turns of one more token a row, at its position. */
    Turns next(long[] positions) {
        int[] regimes = Arrays.stream(positions)
                .mapToInt(position -> rope.scaling().regime(Math.toIntExact(position) + 1))
                .toArray();
        if (Arrays.stream(regimes).distinct().count() == 1) {
            return at(positions, positions.length, regimes[0]);
        }
        int dim = rope.turned(headDim);
        double[] cos = new double[positions.length * dim];
        double[] sin = new double[cos.length];
        for (int row = 0; row < positions.length; row++) {
            fill(rope.frequencies(headDim, regimes[row]), positions[row], cos, sin, row * dim);
        }
        Shape shape = new Shape(positions.length, 1, 1, dim);
        return new Turns(array(Torch.manager(), cos, shape), array(Torch.manager(), sin, shape));
    }

    /** The turns of positions 0 to T - 1, the same for every row; they live as long as the pass. */
    private Turns upTo(int positions, int wanted) {
        Turns whole = table(positions, wanted);
        NDIndex range = new NDIndex("0:" + positions);
        return new Turns(whole.cos().get(range), whole.sin().get(range));
    }

    /** The turns of positions {@code [B * T]} in row-major order. */
    private Turns at(long[] positions, int count, int wanted) {
        Turns whole = table(Math.toIntExact(Arrays.stream(positions).max().orElse(0)) + 1, wanted);
        NDArray index = HostCopy.create(Torch.manager(), new Shape(count, 1, positions.length / count), positions);
        return new Turns(TorchOps.embedding(index, whole.cos()), TorchOps.embedding(index, whole.sin()));
    }

    /** For sequences whose lengths have different frequencies: the turns of one never depend on the others. */
    private Turns oneByOne(PaddedBatch batch, int[] regimes) {
        int dim = rope.turned(headDim);
        Shape shape = new Shape(batch.rows(), 1, batch.width(), dim);
        double[] cos = new double[Math.toIntExact(shape.size())];
        double[] sin = new double[cos.length];
        for (int i = 0; i < regimes.length; i++) {
            double[] frequencies = rope.frequencies(headDim, regimes[i]);
            for (int position = 0; position < batch.length(i); position++) {
                fill(frequencies, position, cos, sin, (batch.place(i) + position) * dim);
            }
        }
        return new Turns(array(Torch.manager(), cos, shape), array(Torch.manager(), sin, shape));
    }

    private Turns table(int positions, int wanted) {
        Turns known = table;
        if (known != null && positions <= rows && wanted == regime) {
            return known;
        }
        int size = wanted == regime ? Math.max(positions, 2 * rows) : positions;
        int dim = rope.turned(headDim);
        double[] frequencies = rope.frequencies(headDim, wanted);
        double[] cos = new double[Math.multiplyExact(size, dim)];
        double[] sin = new double[cos.length];
        for (int position = 0; position < size; position++) {
            fill(frequencies, position, cos, sin, position * dim);
        }
        Shape shape = new Shape(size, dim);
        Turns made = new Turns(owned(array(owner, cos, shape)), owned(array(owner, sin, shape)));
        if (known != null) {
            known.cos().close();
            known.sin().close();
        }
        table = made;
        rows = size;
        regime = wanted;
        return made;
    }

    private void fill(double[] frequencies, long position, double[] cos, double[] sin, int from) {
        double factor = rope.scaling().attentionFactor();
        int pairs = frequencies.length;
        for (int i = 0; i < pairs; i++) {
            double angle = position * frequencies[i];
            cos[from + i] = factor * Math.cos(angle);
            sin[from + i] = factor * Math.sin(angle);
            cos[from + pairs + i] = cos[from + i];
            sin[from + pairs + i] = sin[from + i];
        }
    }

    private NDArray array(NDManager manager, double[] values, Shape shape) {
        if (type == DataType.FLOAT64) {
            return HostCopy.create(manager, shape, values);
        }
        float[] narrow = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            narrow[i] = (float) values[i];
        }
        return HostCopy.create(manager, shape, narrow);
    }

    /** Lets an array outlive the scope in which it was made. */
    private NDArray owned(NDArray array) {
        NDScope.unregister(array);
        array.attach(owner);
        return array;
    }
}
