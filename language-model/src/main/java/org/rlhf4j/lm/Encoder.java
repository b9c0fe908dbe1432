package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * The forward pass of an encoder: token ids to hidden states, every token seeing what stands on either side of it.
 *
 * <p>Embeddings of words, positions and token types are added and normed; then per layer {@code x = norm(x + attention(x)); x =
 * norm(x + mlp(x))} as in BERT (Devlin et al., arXiv:1810.04805), or with the norms first. The {@link EncoderFamily} says which
 * of these parts there are. A row's result does not depend on the other rows or on padding. Dropout is not applied.
 *
 * <p>Used on the tensor thread, inside a {@link org.rlhf4j.core.tensor.Scope}.
 */
public final class Encoder implements Backbone {
    private final EncoderConfig config;
    private final Parameters weights;
    private final NDArray words;
    private final @Nullable NDArray positions;
    private final @Nullable NDArray types;
    private final Norm embeddingNorm;
    private final @Nullable Projection projection;
    private final List<EncoderLayer> layers;
    private final @Nullable Norm finalNorm;
    private final TreeMap<Double, RotaryTable> rotary = new TreeMap<>();
    private final @Nullable RelativePositions relative;

    /**
     * An encoder over some weights, which it uses and does not own.
     *
     * @param config sizes and settings
     * @param weights every tensor of the encoder under its Hugging Face name; others are not looked at
     * @throws IllegalArgumentException if a weight is missing or has another shape than the configuration says
     */
    public Encoder(EncoderConfig config, Parameters weights) {
        this.config = config;
        this.weights = weights;
        config.requirePrecision(weights.precision());
        config.backboneTensors().forEach(this::requireShape);
        EncoderDesign design = config.family().design();
        EncoderWeights modules = new EncoderWeights(config, weights);
        this.words = modules.table(design.embeddings().words());
        this.positions =
                config.positionTable() ? modules.table(design.embeddings().positions()) : null;
        this.types = config.sizes().tokenTypes() > 0
                ? modules.table(design.embeddings().types())
                : null;
        this.embeddingNorm = modules.norm(modules.below(design.embeddings().norm()));
        this.projection = EncoderTensors.hasProjection(config)
                ? modules.projection(modules.below(String.valueOf(design.projection())))
                : null;
        this.layers = IntStream.range(0, config.sizes().layers())
                .mapToObj(i -> new EncoderLayer(modules, i))
                .toList();
        this.finalNorm = design.finalNorm() == null ? null : modules.norm(modules.below(design.finalNorm()));
        int headDim = config.sizes().headDim();
        for (double theta : config.attending().thetas()) {
            Rope rope = new Rope(theta, new RopeScaling.Plain());
            rotary.computeIfAbsent(theta, each -> new RotaryTable(rope, headDim, weights.manager(), type()));
        }
        this.relative = config.attending().disentangled() == null ? null : new RelativePositions(modules);
    }

    private void requireShape(String name, Shape shape) {
        Shape actual = weights.get(name).getShape();
        if (!actual.equals(shape)) {
            throw new IllegalArgumentException("weight " + name + " is " + actual + ", should be " + shape);
        }
    }

    @Override
    public EncoderConfig config() {
        return config;
    }

    @Override
    public DataType type() {
        return words.getDataType();
    }

    @Override
    public Parameters weights() {
        return weights;
    }

    /** {@inheritDoc} They are those after the last norm. */
    @Override
    public NDArray hidden(PaddedBatch batch) {
        requireWithinContext(batch.width());
        NDArray x = embed(batch);
        MutualAttention attention = new MutualAttention(batch, config, rotary, relative, type());
        for (EncoderLayer layer : layers) {
            x = Tape.checkpoint(x, y -> layer.apply(y, attention));
        }
        return finalNorm == null ? x : finalNorm.apply(x);
    }

    private NDArray embed(PaddedBatch batch) {
        NDArray sum = rows(words, batch, checked(batch.ids()));
        if (types != null) {
            sum = sum.add(rows(types, batch, tokenTypes(batch)));
        }
        if (positions != null) {
            sum = sum.add(rows(positions, batch, positions(batch)));
        }
        NDArray normed = embeddingNorm.apply(sum);
        return projection == null ? normed : projection.apply(normed);
    }

    private static NDArray rows(NDArray table, PaddedBatch batch, long[] indices) {
        Shape shape = new Shape(batch.rows(), batch.width());
        return TorchOps.embedding(HostCopy.create(Torch.manager(), shape, indices), table);
    }

    /** 1 from the first token of a row on that counts, which is where the second text of a pair begins; 0 before. */
    private long[] tokenTypes(PaddedBatch batch) {
        long[] indices = new long[batch.rows() * batch.width()];
        if (!config.family().typesPairs() || config.sizes().tokenTypes() < 2) {
            return indices;
        }
        for (int row = 0; row < batch.rows(); row++) {
            for (int i = batch.promptLength(row); i < batch.length(row); i++) {
                indices[row * batch.width() + batch.start(row) + i] = 1;
            }
        }
        return indices;
    }

    private long[] positions(PaddedBatch batch) {
        if (config.family().design().embeddings().how() != EncoderDesign.Positions.AFTER_PADDING) {
            return batch.positions();
        }
        long padId = config.firstPosition() - 1L;
        long[] ids = batch.ids();
        long[] indices = new long[ids.length];
        for (int row = 0; row < batch.rows(); row++) {
            long next = padId + 1;
            for (int i = 0; i < batch.length(row); i++) {
                int at = row * batch.width() + batch.start(row) + i;
                indices[at] = ids[at] == padId ? padId : next++;
            }
        }
        return indices;
    }

    private void requireWithinContext(int tokens) {
        if (tokens > config.context()) {
            throw new IllegalArgumentException(
                    "a sequence of " + tokens + " tokens is longer than the model's context of " + config.context());
        }
    }

    private long[] checked(long[] ids) {
        int vocabulary = config.sizes().vocabulary();
        for (long id : ids) {
            if (id < 0 || id >= vocabulary) {
                throw new IllegalArgumentException("token id " + id + " is outside 0.." + (vocabulary - 1));
            }
        }
        return ids;
    }
}
