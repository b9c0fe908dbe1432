package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * The head of an encoder with one label: {@code out(norm(act(dense(pooled))))}, where what is pooled is the hidden state of the
 * first token, or the mean of all, and only some families have the norm.
 *
 * <p>Used on the tensor thread, inside a scope.
 */
public final class ClassificationHead implements SequenceHead {
    private final EncoderConfig config;
    private final Projection dense;
    private final @Nullable Norm norm;
    private final Projection out;

    /**
     * The head over weights that are there.
     *
     * @param config says which they are
     * @param weights hold them
     */
    public ClassificationHead(EncoderConfig config, Parameters weights) {
        this.config = config;
        EncoderDesign.HeadParts parts = config.family().design().head();
        EncoderWeights modules = new EncoderWeights(config, weights);
        this.dense = modules.projection(parts.dense());
        this.norm = parts.norm() == null ? null : modules.norm(parts.norm());
        this.out = modules.projection(parts.out());
    }

    /**
     * Adds the tensors of the head that are missing, and no others: biases 0, norms 1, the first projection normal with the
     * deviation that the model's own weights began with ({@code initializer_range}), the last with variance {@code 1 / (H + 1)}
     * (Stiennon et al., arXiv:2009.01325).
     *
     * @param config says which they are
     * @param weights of the backbone, perhaps with some of the head
     * @param seed the same seed gives the same weights
     */
    static void complete(EncoderConfig config, Parameters weights, long seed) {
        EncoderDesign.HeadParts parts = config.family().design().head();
        Torch.run(() -> EncoderTensors.head(config).forEach((name, shape) -> {
            if (!weights.contains(name)) {
                double deviation = name.equals(parts.out() + ".weight")
                        ? 1.0 / Math.sqrt(config.hidden() + 1.0)
                        : config.initializerRange();
                weights.put(name, HostCopy.create(weights.manager(), shape, fresh(name, shape, deviation, seed)));
            }
        }));
    }

    private static float[] fresh(String name, Shape shape, double deviation, long seed) {
        float[] values = new float[Math.toIntExact(shape.size())];
        if (shape.dimension() == 1) {
            Arrays.fill(values, name.endsWith(".weight") ? 1f : 0f);
            return values;
        }
        SeededStream stream = SeededStream.of(seed, name);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (deviation * stream.nextGaussian());
        }
        return values;
    }

    @Override
    public NDArray scores(NDArray hidden, PaddedBatch batch) {
        NDArray inner = config.headActivation()
                .apply(dense.apply(config.meanPooling() ? mean(hidden, batch) : first(hidden, batch)));
        return out.apply(norm == null ? inner : norm.apply(inner)).reshape(-1);
    }

    private static NDArray first(NDArray hidden, PaddedBatch batch) {
        long[] indices = new long[batch.rows()];
        for (int row = 0; row < indices.length; row++) {
            indices[row] = (long) row * batch.width() + batch.start(row);
        }
        NDArray flat = hidden.reshape(-1, hidden.getShape().get(2));
        return TorchOps.rows(flat, HostCopy.create(Torch.manager(), indices));
    }

    /** The mean over a row's tokens, as a product {@code [B, 1, T] [B, T, H]} with {@code 1 / length} at each of them. */
    private static NDArray mean(NDArray hidden, PaddedBatch batch) {
        float[] shares = new float[batch.rows() * batch.width()];
        for (int row = 0; row < batch.rows(); row++) {
            int from = row * batch.width() + batch.start(row);
            Arrays.fill(shares, from, from + batch.length(row), 1f / batch.length(row));
        }
        NDArray share = HostCopy.create(Torch.manager(), new Shape(batch.rows(), 1, batch.width()), shares);
        NDArray typed = hidden.getDataType() == DataType.FLOAT64 ? TorchOps.toFloat64(share) : share;
        return typed.matMul(hidden).reshape(batch.rows(), -1);
    }
}
