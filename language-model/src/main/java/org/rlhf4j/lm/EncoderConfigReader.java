package org.rlhf4j.lm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.JsonFields;

/** Reads the keys of an encoder's {@code config.json} one by one; absent keys have transformers' defaults. */
final class EncoderConfigReader {
    private static final String GLOBAL = "full_attention";
    private static final String LOCAL = "sliding_attention";
    private static final double GLOBAL_THETA = 160_000;
    private static final double LOCAL_THETA = 10_000;
    private static final int LOCAL_ATTENTION = 128;
    private static final int GLOBAL_EVERY = 3;
    private static final int ELECTRA_EMBEDDING = 128;
    private static final int BERT_LAYERS = 12;

    private final JsonFields fields;
    private final CommonConfigReader common;
    private final EncoderFamily family;

    EncoderConfigReader(JsonFields fields) {
        this.fields = fields;
        this.common = new CommonConfigReader(fields);
        this.family = EncoderFamily.find(fields.text("model_type"))
                .orElseThrow(() -> fields.problem("model_type", "is none of an encoder"));
    }

    ObjectNode raw() {
        return common.raw();
    }

    EncoderFamily family() {
        return family;
    }

    @Nullable
    Integer labels() {
        return common.labels();
    }

    @Nullable
    WeightFormat format() {
        return common.format();
    }

    void requireTokenIdsWithin(int vocabulary) {
        common.requireTokenIdsWithin(vocabulary);
    }

    EncoderConfig.Sizes sizes() {
        EncoderFamily.Keys keys = family.keys();
        int hidden = fields.int32(keys.hidden());
        int embedding =
                family.design().projection() == null ? hidden : fields.int32("embedding_size", ELECTRA_EMBEDDING);
        return valid(() -> new EncoderConfig.Sizes(
                fields.int32("vocab_size"),
                embedding,
                hidden,
                fields.int32(keys.intermediate()),
                layers(),
                fields.int32(keys.heads()),
                fields.int32("max_position_embeddings", family.defaults().positions()),
                tokenTypes()));
    }

    private int tokenTypes() {
        int fallback = family.defaults().tokenTypes();
        boolean known = fallback > 0 || family == EncoderFamily.DEBERTA;
        return known ? fields.int32("type_vocab_size", fallback) : 0;
    }

    private int layers() {
        return fields.int32(family.keys().layers());
    }

    double normEps() {
        @Nullable String key = family.keys().epsilon();
        double fallback = family.defaults().epsilon();
        double eps = key == null ? fallback : fields.number(key, fallback);
        if (!(eps > 0) || eps > 0.1) {
            throw fields.problem(String.valueOf(key), "is " + eps + ", must be a small positive number");
        }
        return eps;
    }

    double initializerRange() {
        double range = fields.number("initializer_range", 0.02);
        if (!(range > 0) || range > 1) {
            throw fields.problem("initializer_range", "is " + range + ", must be in (0, 1]");
        }
        return range;
    }

    Activation activation() {
        return activation(family.keys().activation());
    }

    Activation headActivation() {
        @Nullable String key = family.keys().headActivation();
        return key == null ? family.headActivation() : activation(key);
    }

    private Activation activation(String key) {
        return valid(() -> Activation.named(fields.text(key, "gelu")));
    }

    boolean meanPooling() {
        if (family != EncoderFamily.MODERNBERT) {
            return false;
        }
        String pooling = fields.text("classifier_pooling", "cls");
        if (!pooling.equals("cls") && !pooling.equals("mean")) {
            throw fields.problem("classifier_pooling", "is \"" + pooling + "\", known are \"cls\" and \"mean\"");
        }
        return pooling.equals("mean");
    }

    boolean positionTable() {
        return family == EncoderFamily.DEBERTA
                ? fields.bool("position_biased_input", true)
                : family.design().embeddings().how() != EncoderDesign.Positions.NONE;
    }

    EncoderConfig.Biases biases() {
        return family == EncoderFamily.MODERNBERT
                ? new EncoderConfig.Biases(
                        fields.bool("attention_bias", false),
                        fields.bool("mlp_bias", false),
                        fields.bool("norm_bias", false),
                        fields.bool("classifier_bias", false))
                : EncoderConfig.Biases.ALL;
    }

    /** The id of an explicit key, none where it is null, the family's where there is no key. */
    @Nullable
    Integer padTokenId() {
        if (!fields.names().contains("pad_token_id")) {
            return family.defaults().padTokenId();
        }
        @Nullable JsonNode value = fields.optional("pad_token_id");
        return CommonConfigReader.tokenIds(value).stream().findFirst().orElse(null);
    }

    /** Where positions are counted from the padding id there must be one, and room after it. */
    void requirePositionsAfterPadding() {
        if (family.design().embeddings().how() != EncoderDesign.Positions.AFTER_PADDING) {
            return;
        }
        @Nullable Integer pad = padTokenId();
        int positions = sizes().positions();
        if (pad == null || pad + 1 >= positions) {
            throw fields.problem(
                    "pad_token_id",
                    "is " + pad + "; " + family.modelType() + " counts positions from it, and there are " + positions);
        }
    }

    EncoderConfig.Attending attending() {
        if (family == EncoderFamily.MODERNBERT) {
            return alternating();
        }
        List<OptionalInt> everywhere = Collections.nCopies(Math.max(0, layers()), OptionalInt.empty());
        return family == EncoderFamily.DEBERTA
                ? disentangled(everywhere)
                : new EncoderConfig.Attending(everywhere, List.of(), null, 1, false);
    }

    private EncoderConfig.Attending disentangled(List<OptionalInt> everywhere) {
        List<String> kinds = positionKinds();
        int terms = 1 + (kinds.contains("c2p") ? 1 : 0) + (kinds.contains("p2c") ? 1 : 0);
        boolean normed = Arrays.stream(fields.text("norm_rel_ebd", "none")
                        .toLowerCase(Locale.ROOT)
                        .split("\\|", -1))
                .anyMatch(part -> part.strip().equals("layer_norm"));
        if (!fields.bool("relative_attention", false)) {
            return new EncoderConfig.Attending(everywhere, List.of(), null, terms, normed);
        }
        int farthest = fields.int32("max_relative_positions", -1);
        if (farthest < 1) {
            farthest = fields.int32("max_position_embeddings", family.defaults().positions());
        }
        int buckets = Math.max(0, fields.int32("position_buckets", -1));
        if (buckets == 1 || (buckets > 1 && buckets / 2 >= farthest - 1)) {
            throw fields.problem(
                    "position_buckets", "is " + buckets + ", must be 2 to " + (2 * farthest - 3) + ", or -1 for none");
        }
        if (kinds.isEmpty()) {
            throw fields.problem("pos_att_type", "is empty, but relative_attention is true");
        }
        EncoderConfig.Disentangled parts = new EncoderConfig.Disentangled(
                buckets > 0 ? buckets : farthest,
                buckets,
                farthest,
                kinds.contains("c2p"),
                kinds.contains("p2c"),
                fields.bool("share_att_key", false));
        return new EncoderConfig.Attending(everywhere, List.of(), parts, terms, normed);
    }

    /** {@code pos_att_type} is a list, or a string such as {@code "p2c|c2p"}. */
    private List<String> positionKinds() {
        @Nullable JsonNode value = fields.optional("pos_att_type");
        if (value == null) {
            return List.of();
        }
        List<String> kinds = value.isTextual()
                ? Arrays.stream(value.textValue().toLowerCase(Locale.ROOT).split("\\|", -1))
                        .map(String::strip)
                        .toList()
                : fields.texts("pos_att_type");
        for (String kind : kinds) {
            if (!kind.equals("c2p") && !kind.equals("p2c")) {
                throw fields.problem("pos_att_type", "has \"" + kind + "\", known are \"c2p\" and \"p2c\"");
            }
        }
        return kinds;
    }

    /** Layers that see everything and layers that see what is near, each kind with rotary frequencies of its own. */
    private EncoderConfig.Attending alternating() {
        int reach = fields.int32("local_attention", LOCAL_ATTENTION) / 2;
        if (reach < 1) {
            throw fields.problem("local_attention", "is " + 2 * reach + ", must be at least 2");
        }
        double global = theta(GLOBAL, "global_rope_theta", GLOBAL_THETA);
        double local = theta(LOCAL, "local_rope_theta", LOCAL_THETA);
        List<OptionalInt> windows = new ArrayList<>();
        List<Double> thetas = new ArrayList<>();
        for (String type : layerTypes()) {
            windows.add(type.equals(LOCAL) ? OptionalInt.of(reach) : OptionalInt.empty());
            thetas.add(type.equals(LOCAL) ? local : global);
        }
        return new EncoderConfig.Attending(windows, thetas, null, 1, false);
    }

    private List<String> layerTypes() {
        int layers = Math.max(0, layers());
        if (!fields.has("layer_types")) {
            int every = fields.int32("global_attn_every_n_layers", GLOBAL_EVERY);
            if (every < 1) {
                throw fields.problem("global_attn_every_n_layers", "is " + every + ", must be positive");
            }
            List<String> derived = new ArrayList<>();
            for (int i = 0; i < layers; i++) {
                derived.add(i % every == 0 ? GLOBAL : LOCAL);
            }
            return derived;
        }
        List<String> listed = fields.texts("layer_types");
        if (listed.size() != layers || !listed.stream().allMatch(type -> type.equals(GLOBAL) || type.equals(LOCAL))) {
            throw fields.problem(
                    "layer_types",
                    "must be a \"" + GLOBAL + "\" or \"" + LOCAL + "\" for each of " + layers + " layers");
        }
        return listed;
    }

    private double theta(String type, String oldKey, double fallback) {
        if (fields.has("rope_scaling")) {
            throw fields.problem("rope_scaling", "is not supported for " + family.modelType());
        }
        OptionalDouble old = fields.optionalNumber(oldKey);
        @Nullable JsonFields all = fields.optionalObject("rope_parameters");
        @Nullable JsonFields own = all == null ? null : all.optionalObject(type);
        OptionalDouble current = own == null ? OptionalDouble.empty() : own.optionalNumber("rope_theta");
        if (own != null && !own.text("rope_type", "default").equals("default")) {
            throw own.problem("rope_type", "is not supported for " + family.modelType() + " unless it is \"default\"");
        }
        if (old.isPresent() && current.isPresent() && !old.equals(current)) {
            throw fields.fail("\"" + oldKey + "\" is " + old.getAsDouble() + ", but rope_parameters say "
                    + current.getAsDouble() + "; keep one of them");
        }
        double theta = current.orElse(old.orElse(fallback));
        if (!(theta > 0) || Double.isInfinite(theta)) {
            throw fields.problem(oldKey, "is " + theta + ", must be positive");
        }
        return theta;
    }

    /** Settings that change the result of a forward pass and that no model here follows. */
    void refuseUnsupported() {
        common.refuseQuantised();
        for (String key : List.of("is_decoder", "add_cross_attention")) {
            if (fields.bool(key, false)) {
                throw fields.problem(
                        key, "is not supported unless it is false: " + family.modelType() + " is an encoder");
            }
        }
        String kind = fields.text("position_embedding_type", "absolute");
        if (family.keys().equals(EncoderFamily.Keys.BERT) && !kind.equals("absolute")) {
            throw fields.problem("position_embedding_type", "is \"" + kind + "\", supported is only \"absolute\"");
        }
        if (family == EncoderFamily.DEBERTA) {
            if (fields.int32("conv_kernel_size", 0) > 0) {
                throw fields.problem("conv_kernel_size", "is not supported unless it is 0");
            }
            int hidden = fields.int32("hidden_size");
            Map<String, Integer> sizes = Map.of(
                    "embedding_size", hidden,
                    "pooler_hidden_size", hidden,
                    "attention_head_size", hidden / Math.max(1, fields.int32("num_attention_heads", BERT_LAYERS)));
            sizes.forEach((key, only) -> {
                if (fields.int32(key, only) != only) {
                    throw fields.problem(key, "is not supported unless it is " + only);
                }
            });
        }
    }

    private <T> T valid(Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            throw fields.fail(String.valueOf(e.getMessage()));
        }
    }
}
