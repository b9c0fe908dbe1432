package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * A layer of any family, over whatever projections it is given: the {@link DecoderDesign} says which modules there are and
 * how they stand to each other.
 */
final class GeneralLayer implements DecoderLayer {
    private final ModelConfig config;
    private final DecoderDesign design;
    private final Map<Part, Projection> projections = new EnumMap<>(Part.class);
    private final Map<Part, Norm> norms = new EnumMap<>(Part.class);

    GeneralLayer(LayerWeights weights, Function<Part, Projection> projection) {
        this.config = weights.config();
        this.design = config.design();
        for (Part part : design.parts().keySet()) {
            if (part.isNorm()) {
                norms.put(part, weights.norm(part));
            } else {
                projections.put(part, projection.apply(part));
            }
        }
    }

    @Override
    public Heads heads(NDArray x, RotaryTable.@Nullable Turns turns) {
        NDArray normed = normed(Part.INPUT_NORM, x);
        if (design.has(Part.QUERY_KEY_VALUE)) {
            ModelConfig.Sizes sizes = config.sizes();
            NDList all = TorchOps.splitHeads(
                    project(Part.QUERY_KEY_VALUE, normed), sizes.heads(), sizes.keyValueHeads(), design.grouped());
            return new Heads(turned(all.get(0), turns), turned(all.get(1), turns), all.get(2));
        }
        return new Heads(
                turned(heads(Part.QUERY, Part.QUERY_NORM, normed), turns),
                turned(heads(Part.KEY, Part.KEY_NORM, normed), turns),
                split(project(Part.VALUE, normed)));
    }

    private NDArray heads(Part part, Part norm, NDArray x) {
        NDArray y = project(part, x);
        return design.headNorms() == DecoderDesign.HeadNorms.ALL ? split(normed(norm, y)) : normed(norm, split(y));
    }

    /** {@code [B, T, n D]} to {@code [B, n, T, D]}. */
    private NDArray split(NDArray x) {
        Shape shape = x.getShape();
        return x.reshape(shape.get(0), shape.get(1), -1, config.sizes().headDim())
                .transpose(0, 2, 1, 3);
    }

    private static NDArray turned(NDArray heads, RotaryTable.@Nullable Turns turns) {
        return turns == null ? heads : TorchOps.rope(heads, turns.cos(), turns.sin());
    }

    @Override
    public NDArray finish(NDArray x, NDArray mixed) {
        Shape shape = x.getShape();
        NDArray merged = mixed.transpose(0, 2, 1, 3).reshape(shape.get(0), shape.get(1), -1);
        NDArray attention = normed(Part.ATTENTION_NORM, project(Part.OUTPUT, merged));
        if (design.parallel()) {
            Part norm = design.has(Part.MLP_NORM) ? Part.MLP_NORM : Part.INPUT_NORM;
            return x.add(attention).add(mlp(normed(norm, x)));
        }
        NDArray y = x.add(attention);
        return y.add(normed(Part.FEEDFORWARD_NORM, mlp(normed(Part.MLP_NORM, y))));
    }

    private NDArray mlp(NDArray x) {
        return project(Part.DOWN, inner(x));
    }

    private NDArray inner(NDArray x) {
        if (design.has(Part.GATE_UP)) {
            NDList halves = TorchOps.halves(project(Part.GATE_UP, x));
            return config.activation().gated(halves.get(0), halves.get(1));
        }
        NDArray up = project(Part.UP, x);
        return design.has(Part.GATE)
                ? config.activation().gated(project(Part.GATE, x), up)
                : config.activation().apply(up);
    }

    private NDArray project(Part part, NDArray x) {
        return Objects.requireNonNull(projections.get(part)).apply(x);
    }

    /** The norm of x, or x where the family has none there. */
    private NDArray normed(Part part, NDArray x) {
        Norm norm = norms.get(part);
        return norm == null ? x : norm.apply(x);
    }
}
