package org.rlhf4j.ppo.control;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.TanhNetwork;
import org.rlhf4j.core.tensor.Tape;

/**
 * Names and sizes of a multi-layer perceptron with tanh between its layers: layer i has {@code <prefix>.<i>.weight [out, in]}
 * and {@code <prefix>.<i>.bias [out]}.
 *
 * @param prefix of the names
 * @param sizes inputs, hidden sizes, outputs; at least one hidden layer
 */
record MlpLayout(String prefix, List<Integer> sizes) {
    /** What keeps the variance through a tanh layer; the choice of the original implementation of PPO. */
    private static final double HIDDEN_GAIN = Math.sqrt(2);

    MlpLayout {
        if (sizes.size() < 3) {
            throw new IllegalArgumentException("a network of sizes " + sizes + " has no hidden layer");
        }
        sizes = List.copyOf(sizes);
    }

    /** The network of the settings, from observations to outputs. */
    static MlpLayout of(String prefix, Box observations, PolicyConfig config, int outputs) {
        List<Integer> sizes = new ArrayList<>();
        sizes.add(observations.size());
        sizes.addAll(config.hiddenSizes());
        sizes.add(outputs);
        return new MlpLayout(prefix, sizes);
    }

    int layers() {
        return sizes.size() - 1;
    }

    /** How many numbers. */
    long weights() {
        long weights = 0;
        for (int layer = 0; layer < layers(); layer++) {
            weights += (inputs(layer) + 1L) * outputs(layer);
        }
        return weights;
    }

    int inputs(int layer) {
        return sizes.get(layer);
    }

    int outputs(int layer) {
        return sizes.get(layer + 1);
    }

    String weight(int layer) {
        return prefix + "." + layer + ".weight";
    }

    String bias(int layer) {
        return prefix + "." + layer + ".bias";
    }

    /**
     * Adds fresh weights: orthogonal with gain sqrt(2), the last layer's with its own, biases 0. Saxe et al. 2014
     * (arXiv:1312.6120); the gains are detail 2 of Huang et al. 2022, "The 37 Implementation Details of PPO".
     */
    void initialize(Parameters parameters, SeededStream stream, double lastGain) {
        for (int layer = 0; layer < layers(); layer++) {
            int in = inputs(layer);
            int out = outputs(layer);
            double gain = layer == layers() - 1 ? lastGain : HIDDEN_GAIN;
            float[] values = orthogonal(out, in, gain, stream.child(layer));
            parameters.put(weight(layer), HostCopy.create(parameters.manager(), new Shape(out, in), values));
            parameters.put(bias(layer), HostCopy.create(parameters.manager(), new float[out]));
        }
    }

    /** Rows or columns, whichever are fewer, orthogonal and of length gain: Q of a normal matrix, its signs those of R's diagonal. */
    static float[] orthogonal(int rows, int columns, double gain, SeededStream stream) {
        int tall = Math.max(rows, columns);
        int narrow = Math.min(rows, columns);
        RealMatrix normal = new Array2DRowRealMatrix(tall, narrow);
        for (int i = 0; i < tall; i++) {
            for (int j = 0; j < narrow; j++) {
                normal.setEntry(i, j, stream.nextGaussian());
            }
        }
        QRDecomposition qr = new QRDecomposition(normal);
        RealMatrix q = qr.getQ();
        RealMatrix r = qr.getR();
        float[] values = new float[rows * columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                int column = rows >= columns ? j : i;
                double entry = rows >= columns ? q.getEntry(i, j) : q.getEntry(j, i);
                values[i * columns + j] = (float) (gain * entry * Math.signum(r.getEntry(column, column)));
            }
        }
        return values;
    }

    /** The network on the engine, for {@code x [n, in]}. */
    TanhNetwork.Result forward(Parameters parameters, NDArray x, Tape tape) {
        List<NDArray> layers = new ArrayList<>(2 * layers());
        for (int layer = 0; layer < layers(); layer++) {
            layers.add(parameters.get(weight(layer)));
            layers.add(parameters.get(bias(layer)));
        }
        return TanhNetwork.forward(x, layers, tape);
    }
}
