package org.rlhf4j.ppo.control;

/**
 * A multi-layer perceptron with tanh between its layers, on Java arrays: for acting, where one observation at a time goes
 * through. What it computes is what {@link MlpLayout#forward} computes on the engine.
 *
 * <p>Reuses its memory: results are valid until the next call, and one thread uses it at a time.
 */
final class Mlp {
    /** Layer by layer, {@code [in][out]} row after row: the transpose of what is stored, so that the inner loop runs over outputs. */
    private final float[][] weights;

    private final int inputs;
    private final float[][] biases;
    private final float[][] activations;

    /**
     * A snapshot of weights.
     *
     * @param layout names and sizes
     * @param values all weights
     */
    Mlp(MlpLayout layout, Weights values) {
        int layers = layout.layers();
        inputs = layout.inputs(0);
        weights = new float[layers][];
        biases = new float[layers][];
        activations = new float[layers][];
        for (int layer = 0; layer < layers; layer++) {
            int in = layout.inputs(layer);
            int out = layout.outputs(layer);
            weights[layer] = transposed(values.get(layout.weight(layer), out, in), out, in);
            biases[layer] = values.get(layout.bias(layer), out).clone();
            activations[layer] = new float[out];
        }
    }

    private static float[] transposed(float[] rows, int out, int in) {
        float[] columns = new float[rows.length];
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                columns[i * out + o] = rows[o * in + i];
            }
        }
        return columns;
    }

    /**
     * The outputs for one input.
     *
     * @throws IllegalArgumentException if it has another size
     */
    float[] forward(float[] input) {
        if (input.length != inputs) {
            throw new IllegalArgumentException(
                    "an observation of " + input.length + " numbers for a network of " + inputs + " inputs");
        }
        float[] x = input;
        for (int layer = 0; layer < weights.length; layer++) {
            float[] y = activations[layer];
            System.arraycopy(biases[layer], 0, y, 0, y.length);
            accumulate(weights[layer], x, y);
            if (layer < weights.length - 1) {
                tanh(y);
            }
            x = y;
        }
        return x;
    }

    /** What went into the last layer in the last call of {@link #forward}. */
    float[] latent() {
        return activations[activations.length - 2];
    }

    private static void accumulate(float[] weight, float[] x, float[] y) {
        for (int i = 0; i < x.length; i++) {
            float factor = x[i];
            int row = i * y.length;
            for (int o = 0; o < y.length; o++) {
                y[o] += factor * weight[row + o];
            }
        }
    }

    /** {@code 1 - 2 / (exp(2x) + 1)}: the JDK computes exp with one instruction sequence, tanh with a long routine. */
    private static void tanh(float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (1 - 2 / (Math.exp(2.0 * values[i]) + 1));
        }
    }
}
