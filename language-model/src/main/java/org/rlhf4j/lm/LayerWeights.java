package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.PackedLayer;
import org.rlhf4j.core.tensor.PackedLinear;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.lm.lora.LoraAdapter;
import org.rlhf4j.lm.lora.LoraModule;

/**
 * The weights of one layer by what they are.
 *
 * @param config sizes and settings
 * @param weights of the whole model
 * @param adapter put on top of its linear maps, or null for none
 * @param index of the layer
 */
record LayerWeights(
        ModelConfig config, Parameters weights, @Nullable LoraAdapter adapter, int index) {
    private NDArray weight(Part part) {
        return weights.get(module(part) + ".weight");
    }

    private @Nullable NDArray bias(Part part) {
        String name = module(part) + ".bias";
        return weights.contains(name) ? weights.get(name) : null;
    }

    private @Nullable NDArray weightIfAny(Part part) {
        return config.design().has(part) ? weight(part) : null;
    }

    private String module(Part part) {
        return TensorNames.module(config, index, part);
    }

    /** A norm of the layer. */
    Norm norm(Part part) {
        return Norm.of(config, weights, module(part));
    }

    /** A linear map of the layer, with its adapter. */
    Projection projection(Part part) {
        Projection base = config.design().transposed()
                ? new Projection.Transposed(weight(part), bias(part))
                : new Projection.Linear(weight(part), bias(part));
        LoraModule adapted = adapted(part);
        return adapted == null ? base : new Projection.Adapted(base, bias(part), adapted);
    }

    private @Nullable LoraModule adapted(Part part) {
        return adapter == null ? null : adapter.module(module(part));
    }

    /** The matrix of a module as it lies in the files, with its adapter folded in. */
    private NDArray matrix(Part part) {
        LoraModule adapted = adapted(part);
        return adapted == null ? weight(part) : adapted.merged();
    }

    /** The layer itself, with gradients for whichever weights are trainable. */
    DecoderLayer trainable() {
        return new GeneralLayer(this, this::projection);
    }

    /**
     * The layer with copies of its matrices that multiply few rows faster, without gradients.
     *
     * @param owner gets the copies
     */
    DecoderLayer packed(NDManager owner) {
        return fitsPackedLayer() ? fused(owner) : new GeneralLayer(this, part -> stacked(owner, part)::apply);
    }

    /** Whether the layer is one of Llama's kind, which {@link PackedLayer} computes in two calls. */
    private boolean fitsPackedLayer() {
        DecoderDesign design = config.design();
        return design.norm() == DecoderDesign.Norm.RMS
                && design.has(Part.INPUT_NORM)
                && design.has(Part.QUERY)
                && design.has(Part.GATE)
                && !design.has(Part.ATTENTION_NORM)
                && config.activation() == Activation.SILU
                && config.rope(index).filter(rope -> rope.share() == 1).isPresent();
    }

    private DecoderLayer fused(NDManager owner) {
        PackedLayer layer = new PackedLayer(
                new PackedLayer.Attention(
                        weight(Part.INPUT_NORM),
                        stacked(owner, Part.QUERY, Part.KEY, Part.VALUE),
                        weightIfAny(Part.QUERY_NORM),
                        weightIfAny(Part.KEY_NORM),
                        config.sizes().keyValueHeads(),
                        stacked(owner, Part.OUTPUT)),
                new PackedLayer.Mlp(
                        weight(Part.MLP_NORM), stacked(owner, Part.GATE, Part.UP), stacked(owner, Part.DOWN)),
                config.normEps());
        return new DecoderLayer() {
            @Override
            public Heads heads(NDArray x, RotaryTable.@Nullable Turns turns) {
                RotaryTable.Turns given = Objects.requireNonNull(turns, "the layer has rotary positions");
                NDList heads = layer.heads(x, given.cos(), given.sin());
                return new Heads(heads.get(0), heads.get(1), heads.get(2));
            }

            @Override
            public NDArray finish(NDArray x, NDArray mixed) {
                return layer.finish(x, mixed);
            }
        };
    }

    /** Projections of the same input, which have all a bias or none. */
    private PackedLinear stacked(NDManager owner, Part... parts) {
        return Scope.call(() -> PackedLinear.stacked(
                owner,
                Arrays.stream(parts)
                        .map(this::matrix)
                        .map(weight -> config.design().transposed() ? weight.transpose() : weight)
                        .map(this::computed)
                        .toList(),
                Arrays.stream(parts)
                        .map(this::bias)
                        .filter(Objects::nonNull)
                        .map(this::computed)
                        .toList()));
    }

    /** A weight in the type that the layer computes in. */
    private NDArray computed(NDArray weight) {
        return weights.precision().computesBfloat16() ? TorchOps.toBfloat16(weight) : weight;
    }
}
