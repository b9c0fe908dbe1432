package org.rlhf4j.lm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.JsonFields;

/** Reads the keys of a {@code config.json} one by one; absent keys have the defaults of the format. */
final class ModelConfigReader {
    private static final double DEFAULT_RMS_NORM_EPS = 1e-6;

    private final JsonFields fields;

    ModelConfigReader(JsonFields fields) {
        this.fields = fields;
    }

    ObjectNode raw() {
        return fields.node().deepCopy();
    }

    ModelFamily family() {
        String modelType = fields.text("model_type");
        try {
            return ModelFamily.named(modelType);
        } catch (IllegalArgumentException e) {
            throw fields.fail(String.valueOf(e.getMessage()));
        }
    }

    ModelConfig.Sizes sizes() {
        int hidden = fields.int32("hidden_size");
        int heads = fields.int32("num_attention_heads");
        ModelFamily.Defaults defaults = family().defaults();
        if (heads <= 0 || hidden <= 0) {
            throw fields.fail("hidden_size " + hidden + " and num_attention_heads " + heads + " must be positive");
        }
        try {
            return new ModelConfig.Sizes(
                    fields.int32("vocab_size"),
                    hidden,
                    fields.int32("intermediate_size"),
                    fields.int32("num_hidden_layers"),
                    heads,
                    keyValueHeads(heads, defaults.keyValueHeads()),
                    headDim(hidden, heads, defaults.headDim()),
                    fields.int32("max_position_embeddings", defaults.context()));
        } catch (IllegalArgumentException e) {
            throw fields.fail(String.valueOf(e.getMessage()));
        }
    }

    private int keyValueHeads(int heads, int fallback) {
        boolean absent = !fields.names().contains("num_key_value_heads");
        return absent && fallback > 0 ? fallback : fields.int32("num_key_value_heads", heads);
    }

    private int headDim(int hidden, int heads, int fallback) {
        if (fields.has("head_dim") || fallback > 0) {
            return fields.int32("head_dim", fallback);
        }
        if (hidden % heads != 0) {
            throw fields.fail("hidden_size " + hidden + " is not a multiple of num_attention_heads " + heads
                    + ", and there is no head_dim");
        }
        return hidden / heads;
    }

    List<OptionalInt> windows() {
        return WindowReader.read(fields, family(), fields.int32("num_hidden_layers"));
    }

    double rmsNormEps() {
        double eps = fields.number("rms_norm_eps", DEFAULT_RMS_NORM_EPS);
        if (!(eps > 0) || eps > 0.1) {
            throw fields.problem("rms_norm_eps", "is " + eps + ", must be a small positive number");
        }
        return eps;
    }

    Rope rope() {
        return RopeReader.read(fields);
    }

    boolean flag(String key) {
        return fields.bool(key, false);
    }

    @Nullable
    Integer labels() {
        OptionalLong counted = fields.optionalInteger("num_labels");
        @Nullable JsonFields named = fields.optionalObject("id2label");
        if (counted.isPresent()
                && named != null
                && counted.getAsLong() != named.names().size()) {
            throw fields.fail("\"num_labels\" is " + counted.getAsLong() + " but \"id2label\" has "
                    + named.names().size() + " entries");
        }
        if (named != null) {
            return named.names().size();
        }
        return counted.isPresent() ? Integer.valueOf(fields.int32("num_labels")) : null;
    }

    @Nullable
    WeightFormat format() {
        @Nullable String current = fields.optionalText("dtype");
        @Nullable String old = fields.optionalText("torch_dtype");
        if (current != null && old != null && !current.equals(old)) {
            throw fields.fail("\"dtype\" is \"" + current + "\" but \"torch_dtype\" is \"" + old + "\"");
        }
        String name = current != null ? current : old;
        if (name == null || name.equals("auto")) {
            return null;
        }
        try {
            return WeightFormat.named(name);
        } catch (IllegalArgumentException e) {
            throw fields.fail(String.valueOf(e.getMessage()));
        }
    }

    /** Settings that change the result of a forward pass or of training, and that no model here follows. */
    void refuseUnsupported() {
        String activation = fields.text("hidden_act", "silu");
        if (!activation.equals("silu")) {
            throw fields.problem(
                    "hidden_act",
                    "is \"" + activation + "\"; " + fields.text("model_type")
                            + " models are supported with \"silu\" only");
        }
        if (fields.number("attention_dropout", 0.0) != 0.0) {
            throw fields.problem("attention_dropout", "is not supported unless it is 0");
        }
        if (fields.bool("rope_interleaved", false)) {
            throw fields.problem("rope_interleaved", "is not supported: pairs are the halves of a head");
        }
        if (!fields.bool("is_causal", true)) {
            throw fields.problem("is_causal", "is not supported unless it is true");
        }
        if (fields.has("quantization_config")) {
            throw fields.problem(
                    "quantization_config",
                    "is not supported: quantised weights cannot be trained; use the original model");
        }
    }

    void requireTokenIdsWithin(int vocabulary) {
        for (String key : List.of("bos_token_id", "eos_token_id", "pad_token_id")) {
            @Nullable JsonNode value = fields.optional(key);
            if (value == null) {
                continue;
            }
            if (value.isArray() && key.equals("eos_token_id")) {
                for (long id : fields.integers(key)) {
                    requireWithin(key, id, vocabulary);
                }
            } else if (!(key.equals("pad_token_id") && fields.integer(key) == -1)) {
                requireWithin(key, fields.integer(key), vocabulary);
            }
        }
    }

    private void requireWithin(String key, long id, int vocabulary) {
        if (id < 0 || id >= vocabulary) {
            throw fields.problem(key, "is " + id + ", outside 0.." + (vocabulary - 1));
        }
    }

    /** The ids of a key that is an integer, a list of integers, null, or -1 (an old way to say none). */
    static List<Integer> tokenIds(@Nullable JsonNode value) {
        List<Integer> ids = new ArrayList<>();
        if (value != null && value.isArray()) {
            value.forEach(id -> ids.add(id.intValue()));
        } else if (value != null && value.isIntegralNumber() && value.intValue() >= 0) {
            ids.add(value.intValue());
        }
        return List.copyOf(ids);
    }
}
