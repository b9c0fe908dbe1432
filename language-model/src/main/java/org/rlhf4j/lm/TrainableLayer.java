package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.TorchOps;

/** A layer over the weights themselves, with gradients for whichever are trainable. */
final class TrainableLayer implements DecoderLayer {
    private final ModelConfig config;
    private final NDArray attentionNorm;
    private final Projection query;
    private final @Nullable NDArray queryNorm;
    private final Projection key;
    private final @Nullable NDArray keyNorm;
    private final Projection value;
    private final Projection output;
    private final NDArray mlpNorm;
    private final Projection gate;
    private final Projection up;
    private final Projection down;

    TrainableLayer(LayerWeights weights) {
        this.config = weights.config();
        this.attentionNorm = weights.get("input_layernorm.weight");
        this.query = weights.projection("self_attn.q_proj");
        this.queryNorm = weights.find("self_attn.q_norm.weight");
        this.key = weights.projection("self_attn.k_proj");
        this.keyNorm = weights.find("self_attn.k_norm.weight");
        this.value = weights.projection("self_attn.v_proj");
        this.output = weights.projection("self_attn.o_proj");
        this.mlpNorm = weights.get("post_attention_layernorm.weight");
        this.gate = weights.projection("mlp.gate_proj");
        this.up = weights.projection("mlp.up_proj");
        this.down = weights.projection("mlp.down_proj");
    }

    @Override
    public Heads heads(NDArray x, RotaryTable.Turns turns) {
        ModelConfig.Sizes sizes = config.sizes();
        NDArray normed = norm(x, attentionNorm);
        NDArray q = turned(split(query.apply(normed), sizes.heads()), queryNorm, turns);
        NDArray k = turned(split(key.apply(normed), sizes.keyValueHeads()), keyNorm, turns);
        return new Heads(q, k, split(value.apply(normed), sizes.keyValueHeads()));
    }

    /** Queries or keys {@code [B, n, T, D]} turned by their positions, after the norm over D that some families have. */
    private NDArray turned(NDArray heads, @Nullable NDArray norm, RotaryTable.Turns turns) {
        return TorchOps.rope(norm == null ? heads : norm(heads, norm), turns.cos(), turns.sin());
    }

    /** {@code [B, T, n D]} to {@code [B, n, T, D]}. */
    private NDArray split(NDArray x, int count) {
        Shape shape = x.getShape();
        return x.reshape(shape.get(0), shape.get(1), count, config.sizes().headDim())
                .transpose(0, 2, 1, 3);
    }

    @Override
    public NDArray finish(NDArray x, NDArray mixed) {
        ModelConfig.Sizes sizes = config.sizes();
        Shape merged = new Shape(x.getShape().get(0), x.getShape().get(1), (long) sizes.heads() * sizes.headDim());
        NDArray y = x.add(output.apply(mixed.transpose(0, 2, 1, 3).reshape(merged)));
        NDArray normed = norm(y, mlpNorm);
        return y.add(down.apply(TorchOps.swiGlu(gate.apply(normed), up.apply(normed))));
    }

    private NDArray norm(NDArray x, NDArray weight) {
        return TorchOps.rmsNorm(x, weight, config.rmsNormEps());
    }
}
