package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * A linear map from a hidden state to one number, {@code score.weight [1, H]} without a bias: the score of a reward model
 * or the value of a critic, which are not of bfloat16 whatever the hidden state is.
 *
 * <p>Used on the tensor thread, inside a scope.
 */
public final class ScalarHead implements SequenceHead {
    /** The name of its weight. */
    public static final String WEIGHT = TensorNames.SCORE;

    private final NDArray weight;

    /**
     * The head over a weight that is there.
     *
     * @param weights holds {@link #WEIGHT}
     */
    public ScalarHead(Parameters weights) {
        this.weight = weights.get(WEIGHT);
    }

    /**
     * Adds a fresh head to the weights of a decoder: normal with mean 0 and variance {@code 1 / (H + 1)}, so that the
     * scores of hidden states of unit variance have about unit variance (Stiennon et al., arXiv:2009.01325).
     *
     * @param weights gets {@link #WEIGHT}
     * @param hidden H
     * @param seed the same seed gives the same weight
     * @return the head
     */
    public static ScalarHead create(Parameters weights, int hidden, long seed) {
        SeededStream stream = SeededStream.of(seed, "scalar head");
        double deviation = 1.0 / Math.sqrt(hidden + 1.0);
        float[] values = new float[hidden];
        for (int i = 0; i < hidden; i++) {
            values[i] = (float) (deviation * stream.nextGaussian());
        }
        return create(weights, values);
    }

    /**
     * Adds a head that gives 0 for everything until it is trained: for a critic that knows nothing yet.
     *
     * @param weights gets {@link #WEIGHT}
     * @param hidden H
     * @return the head
     */
    public static ScalarHead zero(Parameters weights, int hidden) {
        return create(weights, new float[hidden]);
    }

    private static ScalarHead create(Parameters weights, float[] values) {
        Torch.run(() -> weights.put(WEIGHT, HostCopy.create(weights.manager(), new Shape(1, values.length), values)));
        return new ScalarHead(weights);
    }

    /** {@inheritDoc} It is read at the last token. */
    @Override
    public NDArray scores(NDArray hidden, PaddedBatch batch) {
        NDArray index = HostCopy.create(Torch.manager(), batch.lastIndices());
        return of(TorchOps.rows(hidden.reshape(-1, hidden.getShape().get(2)), index));
    }

    /**
     * One number for each hidden state.
     *
     * @param states {@code [N, H]}
     * @return {@code [N]}
     */
    public NDArray of(NDArray states) {
        return TorchOps.linear(TorchOps.widened(states), TorchOps.widened(weight))
                .reshape(-1);
    }
}
