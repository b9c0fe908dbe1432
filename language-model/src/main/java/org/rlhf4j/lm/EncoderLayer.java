package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A layer of an encoder: attention and an MLP, each added to what it reads. */
final class EncoderLayer {
    private final EncoderConfig config;
    private final int index;
    private final List<Projection> queryKeyValue;
    private final Projection output;
    private final @Nullable Norm attentionNorm;
    private final Projection up;
    private final Projection down;
    private final Norm mlpNorm;
    private final boolean gated;

    EncoderLayer(EncoderWeights modules, int index) {
        this.config = modules.config();
        this.index = index;
        EncoderDesign.Layer parts = config.family().design().layer();
        this.queryKeyValue = parts.queryKeyValue().stream()
                .map(module -> modules.projection(index, module))
                .toList();
        this.output = modules.projection(index, parts.output());
        this.attentionNorm =
                EncoderTensors.hasAttentionNorm(config, index) ? modules.norm(index, parts.attentionNorm()) : null;
        this.up = modules.projection(index, parts.up());
        this.down = modules.projection(index, parts.down());
        this.mlpNorm = modules.norm(index, parts.mlpNorm());
        this.gated = EncoderTensors.isGated(config);
    }

    /**
     * The layer's result.
     *
     * @param x {@code [B, T, H]}
     * @param attention of the batch
     * @return {@code [B, T, H]}
     */
    NDArray apply(NDArray x, MutualAttention attention) {
        if (config.family().design().normsFirst()) {
            NDArray y = x.add(attend(normed(x), attention));
            return y.add(mlp(mlpNorm.apply(y)));
        }
        NDArray y = normed(x.add(attend(x, attention)));
        return mlpNorm.apply(y.add(mlp(y)));
    }

    private NDArray normed(NDArray x) {
        return attentionNorm == null ? x : attentionNorm.apply(x);
    }

    private NDArray attend(NDArray x, MutualAttention attention) {
        NDArray[] heads = queryKeyValue.size() == 1
                ? thirds(queryKeyValue.get(0).apply(x))
                : queryKeyValue.stream().map(projection -> projection.apply(x)).toArray(NDArray[]::new);
        NDArray mixed = attention.mix(index, split(heads[0]), split(heads[1]), split(heads[2]));
        return output.apply(mixed.transpose(0, 2, 1, 3).reshape(x.getShape()));
    }

    private static NDArray[] thirds(NDArray x) {
        NDList parts = x.split(3, 2);
        return new NDArray[] {parts.get(0), parts.get(1), parts.get(2)};
    }

    /** {@code [B, T, H]} to {@code [B, n, T, D]}. */
    private NDArray split(NDArray x) {
        Shape shape = x.getShape();
        EncoderConfig.Sizes sizes = config.sizes();
        return x.reshape(shape.get(0), shape.get(1), sizes.heads(), sizes.headDim())
                .transpose(0, 2, 1, 3);
    }

    private NDArray mlp(NDArray x) {
        NDArray inner = up.apply(x);
        if (!gated) {
            return down.apply(config.activation().apply(inner));
        }
        NDList halves = inner.split(2, 2);
        return down.apply(config.activation().apply(halves.get(0)).mul(halves.get(1)));
    }
}
