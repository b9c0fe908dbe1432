package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.PackedLayer;
import org.rlhf4j.core.tensor.PackedLinear;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * The weights of one layer by the names that they have inside it.
 *
 * @param config sizes and settings
 * @param weights of the whole model
 * @param index of the layer
 */
record LayerWeights(ModelConfig config, Parameters weights, int index) {
    NDArray get(String name) {
        return weights.get(TensorNames.layer(index, name));
    }

    /** A weight that some families lack, or null. */
    @Nullable
    NDArray find(String name) {
        String full = TensorNames.layer(index, name);
        return weights.contains(full) ? weights.get(full) : null;
    }

    /** The linear map of a module, such as {@code self_attn.q_proj}. */
    Projection projection(String module) {
        return new Projection.Linear(get(module + ".weight"), find(module + ".bias"));
    }

    /**
     * The layer with copies of its matrices that multiply few rows faster.
     *
     * @param owner gets the copies
     */
    DecoderLayer packed(NDManager owner) {
        PackedLayer layer = new PackedLayer(
                new PackedLayer.Attention(
                        get("input_layernorm.weight"),
                        stacked(owner, "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
                        find("self_attn.q_norm.weight"),
                        find("self_attn.k_norm.weight"),
                        config.sizes().keyValueHeads(),
                        stacked(owner, "self_attn.o_proj")),
                new PackedLayer.Mlp(
                        get("post_attention_layernorm.weight"),
                        stacked(owner, "mlp.gate_proj", "mlp.up_proj"),
                        stacked(owner, "mlp.down_proj")),
                config.rmsNormEps());
        return new DecoderLayer() {
            @Override
            public Heads heads(NDArray x, RotaryTable.Turns turns) {
                NDList heads = layer.heads(x, turns.cos(), turns.sin());
                return new Heads(heads.get(0), heads.get(1), heads.get(2));
            }

            @Override
            public NDArray finish(NDArray x, NDArray mixed) {
                return layer.finish(x, mixed);
            }
        };
    }

    /** Projections of the same input, which have all a bias or none. */
    private PackedLinear stacked(NDManager owner, String... projections) {
        boolean biased = find(projections[0] + ".bias") != null;
        return Scope.call(() -> PackedLinear.stacked(
                owner, computed(projections, ".weight"), biased ? computed(projections, ".bias") : List.of()));
    }

    /** Weights in the type that the layer computes in. */
    private List<NDArray> computed(String[] projections, String suffix) {
        boolean narrow = weights.precision().computesBfloat16();
        return Arrays.stream(projections)
                .map(name -> get(name + suffix))
                .map(weight -> narrow ? TorchOps.toBfloat16(weight) : weight)
                .toList();
    }
}
