package org.rlhf4j.lm;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.JsonFields;

/** Reads the keys of a {@code config.json} one by one; absent keys have the defaults of the format. */
final class ModelConfigReader {
    private static final int MAX_LAYERS = 10_000;
    private static final int POSITIONLESS_INTERVAL = 4;
    private static final double DEFAULT_QUERY_SCALAR = 256;

    private final JsonFields fields;
    private final CommonConfigReader common;
    private final ModelFamily family;
    private final ConfigKeys keys;

    ModelConfigReader(JsonFields fields) {
        this.fields = fields;
        this.common = new CommonConfigReader(fields);
        this.family = family(fields);
        this.keys = family.keys();
    }

    private static ModelFamily family(JsonFields fields) {
        String modelType = fields.text("model_type");
        if (modelType.equals("gemma3")) {
            throw fields.fail("model_type \"gemma3\" is a model of text and images: use its text part, saved by"
                    + " transformers as Gemma3ForCausalLM with model_type \"gemma3_text\"");
        }
        try {
            return ModelFamily.named(modelType);
        } catch (IllegalArgumentException e) {
            throw fields.fail(String.valueOf(e.getMessage()));
        }
    }

    ObjectNode raw() {
        return common.raw();
    }

    ModelFamily family() {
        return family;
    }

    DecoderDesign design() {
        return family.design(fields);
    }

    ModelConfig.Sizes sizes() {
        int hidden = fields.int32(keys.hidden());
        int heads = fields.int32(keys.heads());
        if (heads <= 0 || hidden <= 0) {
            throw fields.fail(
                    keys.hidden() + " " + hidden + " and " + keys.heads() + " " + heads + " must be positive");
        }
        try {
            return new ModelConfig.Sizes(
                    fields.int32("vocab_size"),
                    hidden,
                    intermediate(hidden),
                    layers(),
                    heads,
                    keyValueHeads(heads),
                    headDim(hidden, heads, family.defaults().headDim()),
                    stretchedContext());
        } catch (IllegalArgumentException e) {
            throw fields.fail(String.valueOf(e.getMessage()));
        }
    }

    private int layers() {
        int layers = fields.int32(keys.layers());
        if (layers <= 0 || layers > MAX_LAYERS) {
            throw fields.fail(keys.layers() + " is " + layers + ", must be in 1.." + MAX_LAYERS);
        }
        return layers;
    }

    private int context() {
        return fields.int32(keys.context(), family.defaults().context());
    }

    /** Dynamic scaling counts from the context of pre-training on; the other kinds name the longer one. */
    private int stretchedContext() {
        boolean rotary = turned().contains(true);
        return rotary
                        && new RopeReader(fields, family, context()).global().scaling()
                                instanceof RopeScaling.Dynamic scaling
                ? (int) Math.min(Integer.MAX_VALUE, scaling.factor() * context())
                : context();
    }

    private int intermediate(int hidden) {
        boolean fourfold = family == ModelFamily.GPT2 || family == ModelFamily.FALCON;
        return fourfold ? fields.int32(keys.intermediate(), 4 * hidden) : fields.int32(keys.intermediate());
    }

    private int keyValueHeads(int heads) {
        if (family == ModelFamily.GPT2 || family == ModelFamily.GPT_NEOX) {
            return heads;
        }
        if (family == ModelFamily.FALCON && !fields.bool("new_decoder_architecture", false)) {
            return fields.bool("multi_query", true) ? 1 : heads;
        }
        int fallback = family.defaults().keyValueHeads();
        boolean absent = !fields.names().contains(keys.keyValueHeads());
        return absent && fallback > 0 ? fallback : fields.int32(keys.keyValueHeads(), heads);
    }

    private int headDim(int hidden, int heads, int fallback) {
        if (fields.has("head_dim") || fallback > 0) {
            return fields.int32("head_dim", fallback);
        }
        if (hidden % heads != 0) {
            throw fields.fail(keys.hidden() + " " + hidden + " is not a multiple of " + keys.heads() + " " + heads
                    + ", and there is no head_dim");
        }
        return hidden / heads;
    }

    List<OptionalInt> windows() {
        return WindowReader.read(fields, family, turned());
    }

    /** For each layer whether it has rotary positions. */
    private List<Boolean> turned() {
        int layers = layers();
        if (family != ModelFamily.SMOLLM3) {
            boolean turned = design().positions() == null;
            return IntStream.range(0, layers).mapToObj(i -> turned).toList();
        }
        if (!fields.has("no_rope_layers")) {
            int interval = fields.int32("no_rope_layer_interval", POSITIONLESS_INTERVAL);
            if (interval < 1) {
                throw fields.problem("no_rope_layer_interval", "is " + interval + ", must be positive");
            }
            return IntStream.range(0, layers)
                    .mapToObj(i -> (i + 1) % interval != 0)
                    .toList();
        }
        long[] listed = fields.integers("no_rope_layers");
        if (listed.length < layers) {
            throw fields.problem("no_rope_layers", "has " + listed.length + " entries for " + layers + " layers");
        }
        return IntStream.range(0, layers).mapToObj(i -> listed[i] != 0).toList();
    }

    double normEps() {
        double eps = fields.number(keys.normEps(), family.defaults().normEps());
        if (!(eps > 0) || eps > 0.1) {
            throw fields.problem(keys.normEps(), "is " + eps + ", must be a small positive number");
        }
        return eps;
    }

    /** The rotary settings of each layer; empty for a layer without. */
    List<Optional<Rope>> ropes() {
        List<Boolean> turned = turned();
        if (!turned.contains(true)) {
            return turned.stream().map(none -> Optional.<Rope>empty()).toList();
        }
        RopeReader reader = new RopeReader(
                fields, family, fields.int32(keys.context(), family.defaults().context()));
        Rope global = reader.global();
        Rope local = family.turnsByLayerType() ? reader.local() : global;
        List<OptionalInt> windows = windows();
        int headDim = sizes().headDim();
        try {
            // Also shows whether the settings fit a head.
            Stream.of(global, local).forEach(rope -> rope.frequencies(headDim, 1));
        } catch (IllegalArgumentException e) {
            throw fields.fail(String.valueOf(e.getMessage()));
        }
        return IntStream.range(0, turned.size())
                .mapToObj(i -> turned.get(i)
                        ? Optional.of(windows.get(i).isPresent() ? local : global)
                        : Optional.<Rope>empty())
                .toList();
    }

    Activation activation() {
        String label = fields.text(keys.activation(), family.defaults().activation());
        if (family == ModelFamily.GEMMA && label.equals("gelu")) {
            // Gemma's own files say so and mean the other one.
            return Activation.GELU_TANH;
        }
        try {
            return Activation.named(label);
        } catch (IllegalArgumentException e) {
            throw fields.problem(keys.activation(), "is not supported: " + e.getMessage());
        }
    }

    AttentionScores scores() {
        if (family == ModelFamily.GEMMA2 || family == ModelFamily.GEMMA3) {
            double scalar = fields.number("query_pre_attn_scalar", DEFAULT_QUERY_SCALAR);
            if (!(scalar > 0)) {
                throw fields.problem("query_pre_attn_scalar", "is " + scalar + ", must be positive");
            }
            return new AttentionScores(1 / Math.sqrt(scalar), false, attentionCap());
        }
        if (family == ModelFamily.GPT2) {
            double scale = fields.bool("scale_attn_weights", true) ? 1 / Math.sqrt(sizes().headDim()) : 1;
            return new AttentionScores(
                    scale, fields.bool("scale_attn_by_inverse_layer_idx", false), OptionalDouble.empty());
        }
        return new AttentionScores(1 / Math.sqrt(sizes().headDim()), false, OptionalDouble.empty());
    }

    private OptionalDouble attentionCap() {
        OptionalDouble cap = cap("attn_logit_softcapping", 50);
        if (family == ModelFamily.GEMMA3 && cap.isPresent()) {
            throw fields.problem("attn_logit_softcapping", "is not supported: gemma3_text models have none");
        }
        return cap;
    }

    /** {@code c} where logits z become {@code c tanh(z / c)}. */
    OptionalDouble logitCap() {
        return family == ModelFamily.GEMMA2 || family == ModelFamily.GEMMA3
                ? cap("final_logit_softcapping", 30)
                : OptionalDouble.empty();
    }

    /** Gemma 2 has caps unless they are null, Gemma 3 none unless they are given. */
    private OptionalDouble cap(String key, double fallback) {
        boolean given = fields.names().contains(key);
        OptionalDouble cap =
                given || family == ModelFamily.GEMMA3 ? fields.optionalNumber(key) : OptionalDouble.of(fallback);
        if (cap.isPresent() && !(cap.getAsDouble() > 0)) {
            throw fields.problem(key, "is " + cap.getAsDouble() + ", must be positive, or null for none");
        }
        return cap;
    }

    /** The projections that have biases. */
    Set<Part> biased() {
        Set<Part> biased = EnumSet.noneOf(Part.class);
        for (Part part : design().parts().keySet()) {
            if (!part.isNorm() && biased(part)) {
                biased.add(part);
            }
        }
        return biased;
    }

    private boolean biased(Part part) {
        return switch (family.biases()) {
            case NONE -> false;
            case QUERY_KEY_VALUE -> part.isQueryKeyValue();
            case ATTENTION_BY_KEY -> !part.isMlp() && flag("attention_bias");
            case BY_KEYS -> flag(part.isMlp() ? "mlp_bias" : "attention_bias");
            case BY_KEY -> flag("bias");
            case ALL_BUT_ATTENTION_BY_KEY -> part.isMlp() || fields.bool("attention_bias", true);
            case ALL -> true;
        };
    }

    boolean tied() {
        return fields.bool("tie_word_embeddings", family.defaults().isTied());
    }

    private boolean flag(String key) {
        return fields.bool(key, false);
    }

    @Nullable
    Integer labels() {
        return common.labels();
    }

    @Nullable
    WeightFormat format() {
        return common.format();
    }

    /** Settings that change the result of a forward pass or of training, and that no model here follows. */
    void refuseUnsupported() {
        if (fields.number("attention_dropout", 0.0) != 0.0) {
            throw fields.problem("attention_dropout", "is not supported unless it is 0");
        }
        for (String key : List.of("rope_interleaved", "alibi", "add_cross_attention", "use_bidirectional_attention")) {
            if (fields.bool(key, false)) {
                throw fields.problem(key, "is not supported unless it is false");
            }
        }
        if (!fields.bool("is_causal", true)) {
            throw fields.problem("is_causal", "is not supported unless it is true");
        }
        common.refuseQuantised();
    }

    void requireTokenIdsWithin(int vocabulary) {
        common.requireTokenIdsWithin(vocabulary);
    }
}
