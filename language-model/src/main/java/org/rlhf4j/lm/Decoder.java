package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.safetensors.HalfPrecision;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.PackedLinear;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.lm.lora.LoraAdapter;

/**
 * The forward pass of a decoder: token ids to hidden states, with gradients for whichever weights are trainable.
 *
 * <p>In Llama (Touvron et al., arXiv:2302.13971, section 2.2) a layer is {@code x += attention(norm(x)); x += mlp(norm(x))}
 * with RMSNorm, rotary positions, grouped-query attention and a SiLU-gated MLP. What another {@link ModelFamily} has instead
 * is in its {@link DecoderDesign} and its configuration. A row's result does not depend on the other rows or on padding.
 *
 * <p>Used on the tensor thread, inside a {@link org.rlhf4j.core.tensor.Scope}.
 */
public final class Decoder implements Backbone {
    private final ModelConfig config;
    private final Parameters weights;
    private final @Nullable LoraAdapter adapter;
    private final NDArray embedding;
    private final @Nullable NDArray learnedPositions;
    private final Norm finalNorm;
    private final List<DecoderLayer> layers;
    private final Positions rotary;

    /**
     * A decoder over some weights, which it uses and does not own.
     *
     * @param config sizes and settings
     * @param weights every tensor of the decoder under its Hugging Face name; others are not looked at
     * @throws IllegalArgumentException if a weight is missing or has another shape than the configuration says
     */
    public Decoder(ModelConfig config, Parameters weights) {
        this(config, weights, null);
    }

    /**
     * A decoder over some weights with an adapter on top, both of which it uses and does not own.
     *
     * @param config sizes and settings
     * @param weights every tensor of the decoder under its Hugging Face name; others are not looked at
     * @param adapter of the decoder's linear maps, or null for none
     * @throws IllegalArgumentException if a weight is missing or has another shape than the configuration says
     */
    public Decoder(ModelConfig config, Parameters weights, @Nullable LoraAdapter adapter) {
        this.config = config;
        this.weights = weights;
        this.adapter = adapter;
        TensorNames.decoder(config).forEach(this::requireShape);
        this.embedding = weights.get(TensorNames.embedding(config));
        this.learnedPositions = config.design().positions() == null ? null : weights.get(TensorNames.positions(config));
        this.finalNorm = Norm.of(config, weights, TensorNames.finalNorm(config));
        this.layers = IntStream.range(0, config.sizes().layers())
                .mapToObj(i -> new LayerWeights(config, weights, adapter, i).trainable())
                .toList();
        this.rotary = new Positions(config, weights.manager(), type());
    }

    private Decoder(Decoder other, @Nullable LoraAdapter adapter, List<DecoderLayer> layers) {
        this.config = other.config;
        this.weights = other.weights;
        this.adapter = adapter;
        this.embedding = other.embedding;
        this.learnedPositions = other.learnedPositions;
        this.finalNorm = other.finalNorm;
        this.layers = layers;
        this.rotary = other.rotary;
    }

    /**
     * The same decoder in a form that computes few tokens faster: for generation, without gradients, and for as long as the
     * weights do not change. Where the engine has no such form it is the same.
     *
     * @param owner gets copies of the matrices
     */
    Decoder packed(NDManager owner) {
        if (!PackedLinear.isFaster(embedding)) {
            return this;
        }
        return new Decoder(
                this,
                null,
                IntStream.range(0, layers.size())
                        .mapToObj(i -> new LayerWeights(config, weights, adapter, i).packed(owner))
                        .toList());
    }

    /**
     * The same decoder with another adapter on top, over the same weights.
     *
     * @param other of the decoder's linear maps, or null for none
     */
    Decoder with(@Nullable LoraAdapter other) {
        return new Decoder(
                this,
                other,
                IntStream.range(0, layers.size())
                        .mapToObj(i -> new LayerWeights(config, weights, other, i).trainable())
                        .toList());
    }

    private void requireShape(String name, Shape shape) {
        Shape actual = weights.get(name).getShape();
        if (!actual.equals(shape)) {
            throw new IllegalArgumentException("weight " + name + " is " + actual + ", should be " + shape);
        }
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public DataType type() {
        return weights.precision().computesBfloat16() ? TorchOps.BFLOAT16 : embedding.getDataType();
    }

    @Override
    public Parameters weights() {
        return weights;
    }

    /** {@inheritDoc} They are those after the final norm. */
    @Override
    public NDArray hidden(PaddedBatch batch) {
        return hidden(batch, attention -> attention);
    }

    /**
     * The hidden states after the final norm that predict the completion tokens.
     *
     * @param batch as for {@link #hidden(PaddedBatch)}, each row with a prompt of at least one token
     * @return {@code [N, H]}, in the order of {@link PaddedBatch#completionTargets()}
     */
    public NDArray predictingStates(PaddedBatch batch) {
        NDArray flat = hidden(batch).reshape(-1, config.sizes().hidden());
        return TorchOps.rows(flat, HostCopy.create(Torch.manager(), batch.completionPredictors()));
    }

    /** As {@link #hidden(PaddedBatch)}, with the keys and values put into a cache made for this batch. */
    NDArray begin(PaddedBatch prompts, KeyValueCache cache) {
        return hidden(prompts, cache::filling);
    }

    /**
     * The hidden states after the final norm of one more token a row.
     *
     * @param ids one a row of the cache, which takes them in
     * @return {@code [B, 1, H]}
     */
    NDArray next(long[] ids, KeyValueCache cache) {
        NDArray indices = HostCopy.create(Torch.manager(), new Shape(ids.length, 1), ids);
        return hidden(indices, ids, cache.next(rotary));
    }

    private NDArray hidden(PaddedBatch batch, UnaryOperator<Attention> attention) {
        long[] ids = batch.ids();
        requireWithinContext(batch.width());
        NDArray indices = HostCopy.create(Torch.manager(), new Shape(batch.rows(), batch.width()), ids);
        return hidden(indices, ids, attention.apply(new CausalAttention(batch, config, rotary, type())));
    }

    /**
     * The hidden states after the final norm, of tokens that stand where {@code attention} says.
     *
     * @param indices the ids, {@code [B, T]}
     * @param ids the same ids, to be checked
     * @return {@code [B, T, H]}
     */
    private NDArray hidden(NDArray indices, long[] ids, Attention attention) {
        requireWithinVocabulary(ids);
        if (adapter != null) {
            adapter.beginPass();
        }
        NDArray x = embedded(indices, attention);
        if (type() == TorchOps.BFLOAT16) {
            x = TorchOps.toBfloat16(x);
        }
        for (int i = 0; i < layers.size(); i++) {
            int layer = i;
            x = Tape.checkpoint(x, input -> {
                DecoderLayer.Heads heads = layers.get(layer).heads(input, attention.turns(layer));
                NDArray mixed = attention.mix(layer, heads.query(), heads.key(), heads.value());
                return layers.get(layer).finish(input, mixed);
            });
        }
        return finalNorm.apply(x);
    }

    private NDArray embedded(NDArray indices, Attention attention) {
        NDArray x = TorchOps.embedding(indices, embedding);
        if (config.design().scaledEmbedding()) {
            float scale = (float) Math.sqrt(config.sizes().hidden());
            // In transformers the factor is a number of the weights' type.
            x = TorchOps.times(x, type() == TorchOps.BFLOAT16 ? HalfPrecision.roundedToBfloat16(scale) : scale);
        }
        if (learnedPositions != null) {
            NDArray places = HostCopy.create(Torch.manager(), indices.getShape(), attention.positions());
            x = x.add(TorchOps.embedding(places, learnedPositions));
        }
        return x;
    }

    private void requireWithinContext(int tokens) {
        int context = config.sizes().context();
        if (tokens > context) {
            throw new IllegalArgumentException(
                    "a sequence of " + tokens + " tokens is longer than the model's context of " + context);
        }
    }

    private void requireWithinVocabulary(long[] ids) {
        int vocabulary = config.sizes().vocabulary();
        for (long id : ids) {
            if (id < 0 || id >= vocabulary) {
                throw new IllegalArgumentException("token id " + id + " is outside 0.." + (vocabulary - 1));
            }
        }
    }
}
