package org.rlhf4j.lm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * The terms of disentangled attention that look at relative positions (He et al., arXiv:2006.03654, equation 4): how well the
 * content of a query goes with the position of a key relative to it, and the content of a key with that of a query.
 */
final class RelativePositions {
    private final EncoderConfig config;
    private final EncoderConfig.Disentangled parts;
    private final NDArray table;
    private final @Nullable Norm norm;
    private final List<Projection> keys = new ArrayList<>();
    private final List<Projection> queries = new ArrayList<>();

    RelativePositions(EncoderWeights modules) {
        this.config = modules.config();
        this.parts = Objects.requireNonNull(config.attending().disentangled());
        this.table = modules.table(EncoderTensors.RELATIVE);
        this.norm =
                config.attending().normedRelative() ? modules.norm(modules.below(EncoderTensors.RELATIVE_NORM)) : null;
        List<String> shared = config.family().design().layer().queryKeyValue();
        for (int i = 0; i < config.sizes().layers(); i++) {
            if (parts.contentToPosition()) {
                keys.add(
                        modules.projection(i, parts.sharedProjections() ? shared.get(1) : EncoderTensors.POSITION_KEY));
            }
            if (parts.positionToContent()) {
                queries.add(modules.projection(
                        i, parts.sharedProjections() ? shared.get(0) : EncoderTensors.POSITION_QUERY));
            }
        }
    }

    /** The terms for sequences of some length. */
    Scores over(int tokens) {
        int[] index = new int[2 * tokens - 1];
        for (int distance = 1 - tokens; distance < tokens; distance++) {
            index[distance + tokens - 1] = index(distance);
        }
        long[] indices = new long[Math.multiplyExact(tokens, tokens)];
        long[] mirrored = new long[indices.length];
        for (int query = 0; query < tokens; query++) {
            for (int key = 0; key < tokens; key++) {
                int row = index[query - key + tokens - 1];
                indices[query * tokens + key] = row;
                mirrored[key * tokens + query] = row;
            }
        }
        Shape shape = new Shape(tokens, tokens);
        return new Scores(
                HostCopy.create(Torch.manager(), shape, indices), HostCopy.create(Torch.manager(), shape, mirrored));
    }

    /** The row of the table for a query that stands {@code distance} tokens after a key. */
    private int index(int distance) {
        int bucket = parts.buckets() > 0 ? bucket(distance, parts.buckets(), parts.farthest()) : distance;
        return Math.max(0, Math.min(2 * parts.span() - 1, bucket + parts.span()));
    }

    /**
     * Distances up to half the buckets are told apart, farther ones by their logarithm. In float32 like the reference: on a
     * boundary the rounding decides.
     *
     * @param distance any
     * @param buckets on either side
     * @param farthest the distance that the last bucket begins at
     */
    static int bucket(int distance, int buckets, int farthest) {
        int half = buckets / 2;
        int far = Math.abs(distance);
        if (far <= half) {
            return distance;
        }
        float share = (float) Math.log((float) far / half) / (float) Math.log((float) ((farthest - 1.0) / half));
        int bucket = (int) (float) Math.ceil(share * (half - 1)) + half;
        return distance < 0 ? -bucket : bucket;
    }

    /** The terms of one batch. */
    final class Scores {
        private final NDArray index;
        private final NDArray mirrored;

        private Scores(NDArray index, NDArray mirrored) {
            this.index = index;
            this.mirrored = mirrored;
        }

        /**
         * The sum of the terms of a layer, {@code [B, n, T, T]}, not scaled.
         *
         * @param q queries {@code [B, n, T, D]}
         * @param k keys {@code [B, n, T, D]}
         */
        NDArray of(int layer, NDArray q, NDArray k) {
            // Normed in each layer, not once: a layer that is computed again may read nothing of the graph but its
            // input.
            NDArray positions = norm == null ? table : norm.apply(table);
            @Nullable NDArray sum = null;
            if (parts.contentToPosition()) {
                sum = TorchOps.relativeScores(q, split(keys.get(layer).apply(positions)), index);
            }
            if (parts.positionToContent()) {
                NDArray second = TorchOps.relativeScores(
                                k, split(queries.get(layer).apply(positions)), mirrored)
                        .transpose(0, 1, 3, 2);
                sum = sum == null ? second : sum.add(second);
            }
            return Objects.requireNonNull(sum);
        }

        /** {@code [S, H]} to {@code [1, n, S, D]}. */
        private NDArray split(NDArray x) {
            EncoderConfig.Sizes sizes = config.sizes();
            return x.reshape(1, x.getShape().get(0), sizes.heads(), sizes.headDim())
                    .transpose(0, 2, 1, 3);
        }
    }
}
