package org.rlhf4j.lm;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The names and shapes of a model's tensors, as Hugging Face has them: what the family's {@link DecoderDesign} says. */
final class TensorNames {
    /** The scalar head, the same for every family. */
    static final String SCORE = "score.weight";

    /**
     * Buffers in files that follow from the configuration: rotary frequencies and causal masks of several versions of
     * transformers.
     */
    private static final Pattern BUFFER = Pattern.compile(".*rotary_emb\\.inv_freq"
            + "|(transformer\\.)?h\\.\\d+\\.attn\\.(masked_)?bias"
            + "|gpt_neox\\.layers\\.\\d+\\.attention\\.(masked_)?bias");

    private TensorNames() {}

    /** The token embedding. */
    static String embedding(ModelConfig config) {
        DecoderDesign design = config.design();
        return design.prefix() + design.embedding() + ".weight";
    }

    /** The head over the vocabulary, where it is not tied to the embedding. */
    static String languageModelHead(ModelConfig config) {
        return config.design().head() + ".weight";
    }

    /** The matrix from hidden states to logits: the head, or the embedding when it is tied. */
    static String logits(ModelConfig config) {
        return config.tied() ? embedding(config) : languageModelHead(config);
    }

    /** The learned positions, for families that have some. */
    static String positions(ModelConfig config) {
        return config.design().prefix() + config.design().positions() + ".weight";
    }

    /** The module of the norm after the last layer. */
    static String finalNorm(ModelConfig config) {
        return config.design().prefix() + config.design().finalNorm();
    }

    /** A module of a layer, such as {@code model.layers.0.self_attn.q_proj}. */
    static String module(ModelConfig config, int layer, Part part) {
        DecoderDesign design = config.design();
        return design.prefix() + design.layers() + "." + layer + "."
                + design.parts().get(part);
    }

    /** Every tensor of the decoder itself with its shape, in the order of the layers. */
    static Map<String, Shape> decoder(ModelConfig config) {
        ModelConfig.Sizes sizes = config.sizes();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put(embedding(config), new Shape(sizes.vocabulary(), sizes.hidden()));
        if (config.design().positions() != null) {
            shapes.put(positions(config), new Shape(sizes.context(), sizes.hidden()));
        }
        for (int i = 0; i < sizes.layers(); i++) {
            for (Part part : config.design().parts().keySet()) {
                add(shapes, config, part, module(config, i, part));
            }
        }
        norm(shapes, config, finalNorm(config), sizes.hidden());
        return shapes;
    }

    private static void add(Map<String, Shape> shapes, ModelConfig config, Part part, String module) {
        if (part.isNorm()) {
            norm(shapes, config, module, normWidth(config, part));
            return;
        }
        long out = outputs(config, part);
        long in = inputs(config, part);
        shapes.put(module + ".weight", config.design().transposed() ? new Shape(in, out) : new Shape(out, in));
        if (config.biased(part)) {
            shapes.put(module + ".bias", new Shape(out));
        }
    }

    private static void norm(Map<String, Shape> shapes, ModelConfig config, String module, long width) {
        shapes.put(module + ".weight", new Shape(width));
        if (config.design().norm() == DecoderDesign.Norm.LAYER) {
            shapes.put(module + ".bias", new Shape(width));
        }
    }

    private static long normWidth(ModelConfig config, Part part) {
        ModelConfig.Sizes sizes = config.sizes();
        if (part != Part.QUERY_NORM && part != Part.KEY_NORM) {
            return sizes.hidden();
        }
        int heads = part == Part.QUERY_NORM ? sizes.heads() : sizes.keyValueHeads();
        return config.design().headNorms() == DecoderDesign.HeadNorms.ALL
                ? (long) heads * sizes.headDim()
                : sizes.headDim();
    }

    private static long outputs(ModelConfig config, Part part) {
        ModelConfig.Sizes sizes = config.sizes();
        long headDim = sizes.headDim();
        return switch (part) {
            case QUERY_KEY_VALUE -> (sizes.heads() + 2L * sizes.keyValueHeads()) * headDim;
            case QUERY -> sizes.heads() * headDim;
            case KEY, VALUE -> sizes.keyValueHeads() * headDim;
            case GATE_UP -> 2L * sizes.intermediate();
            case GATE, UP -> sizes.intermediate();
            default -> sizes.hidden();
        };
    }

    private static long inputs(ModelConfig config, Part part) {
        ModelConfig.Sizes sizes = config.sizes();
        return switch (part) {
            case OUTPUT -> (long) sizes.heads() * sizes.headDim();
            case DOWN -> sizes.intermediate();
            default -> sizes.hidden();
        };
    }

    /** Every tensor of a model with its head; a head that is tied to the embedding has none of its own. */
    static Map<String, Shape> model(ModelConfig config, Head head) {
        Map<String, Shape> shapes = decoder(config);
        shapes.putAll(head(config, head));
        return shapes;
    }

    /** The tensors of a head; one that is tied to the embedding has none. */
    static Map<String, Shape> head(ModelConfig config, Head head) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        if (head == Head.SCALAR) {
            shapes.put(SCORE, new Shape(1, config.sizes().hidden()));
        } else if (head == Head.LANGUAGE_MODEL && !config.tied()) {
            shapes.put(
                    languageModelHead(config),
                    new Shape(config.sizes().vocabulary(), config.sizes().hidden()));
        }
        return shapes;
    }

    /**
     * The name of a tensor of some files: with the prefix where none there has it, as in the first files of GPT-2.
     *
     * @param files names of all tensors in the files
     */
    static String canonicalName(String stored, ModelConfig config, Set<String> files) {
        String prefix = config.design().prefix();
        boolean bare = files.stream().noneMatch(each -> each.startsWith(prefix));
        return bare && decoder(config).containsKey(prefix + stored) ? prefix + stored : stored;
    }

    /**
     * Whether a tensor that the model does not need carries nothing that would be lost: buffers that follow from the
     * configuration, and a tied head's copy of the embedding.
     */
    static boolean mayBeDropped(String name, ModelConfig config) {
        return BUFFER.matcher(name).matches() || (name.equals(languageModelHead(config)) && config.tied());
    }

    /** The modules of a layer that are linear maps, as adapters are put on them. */
    static List<String> projections(ModelConfig config, int layer) {
        return config.design().parts().keySet().stream()
                .filter(part -> !part.isNorm())
                .map(part -> module(config, layer, part))
                .toList();
    }
}
