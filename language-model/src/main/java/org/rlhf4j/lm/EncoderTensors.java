package org.rlhf4j.lm;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The names and shapes of an encoder's tensors, and the other names that files have for them. */
final class EncoderTensors {
    /** The table of relative positions of disentangled attention. */
    static final String RELATIVE = "encoder.rel_embeddings";

    /** The norm of that table. */
    static final String RELATIVE_NORM = "encoder.LayerNorm";

    /** The projection of relative positions that queries look at. */
    static final String POSITION_KEY = "attention.self.pos_key_proj";

    /** The projection of relative positions that look at keys. */
    static final String POSITION_QUERY = "attention.self.pos_query_proj";

    /** Buffers that follow from the configuration. */
    private static final List<String> BUFFERS = List.of("position_ids", "token_type_ids", "inv_freq");

    private EncoderTensors() {}

    /** The module of a layer. */
    static String layer(EncoderConfig config, int index, String module) {
        return config.family().design().prefix() + config.family().design().layers() + "." + index + "." + module;
    }

    /** Every tensor below the head, in the order of the layers. */
    static Map<String, Shape> backbone(EncoderConfig config) {
        EncoderDesign design = config.family().design();
        EncoderConfig.Sizes sizes = config.sizes();
        Shapes shapes = new Shapes(config);
        String prefix = design.prefix();
        EncoderDesign.Embeddings embeddings = design.embeddings();
        shapes.table(prefix + embeddings.words(), sizes.vocabulary(), sizes.embedding());
        if (config.positionTable()) {
            shapes.table(prefix + embeddings.positions(), sizes.positions(), sizes.embedding());
        }
        if (sizes.tokenTypes() > 0) {
            shapes.table(prefix + embeddings.types(), sizes.tokenTypes(), sizes.embedding());
        }
        shapes.norm(prefix + embeddings.norm(), sizes.embedding());
        if (hasProjection(config)) {
            shapes.linear(prefix + design.projection(), sizes.hidden(), sizes.embedding(), true);
        }
        EncoderConfig.@Nullable Disentangled disentangled = config.attending().disentangled();
        if (disentangled != null) {
            shapes.table(prefix + RELATIVE, 2L * disentangled.span(), sizes.hidden());
        }
        if (config.attending().normedRelative()) {
            shapes.norm(prefix + RELATIVE_NORM, sizes.hidden());
        }
        for (int i = 0; i < sizes.layers(); i++) {
            layer(config, i, shapes);
        }
        if (design.finalNorm() != null) {
            shapes.norm(prefix + design.finalNorm(), sizes.hidden());
        }
        return shapes.all;
    }

    private static void layer(EncoderConfig config, int index, Shapes shapes) {
        EncoderDesign.Layer parts = config.family().design().layer();
        EncoderConfig.Biases biases = config.biases();
        long hidden = config.sizes().hidden();
        long intermediate = config.sizes().intermediate();
        int together = 3 / parts.queryKeyValue().size();
        for (String module : parts.queryKeyValue()) {
            shapes.linear(layer(config, index, module), together * hidden, hidden, biases.attention());
        }
        EncoderConfig.@Nullable Disentangled disentangled = config.attending().disentangled();
        if (disentangled != null && !disentangled.sharedProjections()) {
            if (disentangled.contentToPosition()) {
                shapes.linear(layer(config, index, POSITION_KEY), hidden, hidden, true);
            }
            if (disentangled.positionToContent()) {
                shapes.linear(layer(config, index, POSITION_QUERY), hidden, hidden, true);
            }
        }
        shapes.linear(layer(config, index, parts.output()), hidden, hidden, biases.attention());
        if (hasAttentionNorm(config, index)) {
            shapes.norm(layer(config, index, parts.attentionNorm()), hidden);
        }
        long wide = isGated(config) ? 2 * intermediate : intermediate;
        shapes.linear(layer(config, index, parts.up()), wide, hidden, biases.mlp());
        shapes.linear(layer(config, index, parts.down()), hidden, intermediate, biases.mlp());
        shapes.norm(layer(config, index, parts.mlpNorm()), hidden);
    }

    /** Whether embeddings are projected to the width of the stream. */
    static boolean hasProjection(EncoderConfig config) {
        return config.sizes().embedding() != config.sizes().hidden();
    }

    /** Where norms come first, what the first layer reads is normed already. */
    static boolean hasAttentionNorm(EncoderConfig config, int index) {
        return index > 0 || !config.family().design().normsFirst();
    }

    /** Whether half of what the first map of the MLP gives gates the other half. */
    static boolean isGated(EncoderConfig config) {
        return config.family() == EncoderFamily.MODERNBERT;
    }

    /** Every tensor of the classification head with one label. */
    static Map<String, Shape> head(EncoderConfig config) {
        EncoderDesign.HeadParts parts = config.family().design().head();
        long hidden = config.sizes().hidden();
        Shapes shapes = new Shapes(config);
        shapes.linear(parts.dense(), hidden, hidden, config.biases().head());
        if (parts.norm() != null) {
            shapes.norm(parts.norm(), hidden);
        }
        shapes.linear(parts.out(), 1, hidden, true);
        return shapes.all;
    }

    /** {@code LayerNorm.gamma} and {@code beta} of old files, and names without the prefix where none there has it. */
    static String canonicalName(EncoderConfig config, String stored, Set<String> files) {
        String name = stored.replaceFirst("LayerNorm\\.gamma$", "LayerNorm.weight")
                .replaceFirst("LayerNorm\\.beta$", "LayerNorm.bias");
        String prefix = config.family().design().prefix();
        boolean bare = files.stream().noneMatch(each -> each.startsWith(prefix));
        boolean ours =
                backbone(config).containsKey(prefix + name) || head(config).containsKey(prefix + name);
        return bare && ours ? prefix + name : name;
    }

    /** Whether a tensor is a buffer, or of a head of pre-training. */
    static boolean mayBeDropped(EncoderConfig config, String name) {
        EncoderDesign design = config.family().design();
        boolean positions = !config.positionTable()
                && !design.embeddings().positions().isEmpty()
                && name.equals(design.prefix() + design.embeddings().positions() + ".weight");
        return positions
                || BUFFERS.stream().anyMatch(buffer -> name.endsWith("." + buffer))
                || design.ignored().stream().anyMatch(name::startsWith);
    }

    /** Shapes by name, in the order of adding. */
    private static final class Shapes {
        private final Map<String, Shape> all = new LinkedHashMap<>();
        private final boolean normBiases;

        Shapes(EncoderConfig config) {
            this.normBiases = config.biases().norm();
        }

        void table(String module, long rows, long width) {
            all.put(module + ".weight", new Shape(rows, width));
        }

        void linear(String module, long out, long in, boolean bias) {
            all.put(module + ".weight", new Shape(out, in));
            if (bias) {
                all.put(module + ".bias", new Shape(out));
            }
        }

        void norm(String module, long width) {
            all.put(module + ".weight", new Shape(width));
            if (normBiases) {
                all.put(module + ".bias", new Shape(width));
            }
        }
    }
}
