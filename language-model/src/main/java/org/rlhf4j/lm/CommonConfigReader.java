package org.rlhf4j.lm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.JsonFields;

/** Reads the keys of {@code config.json} that decoders and encoders share. */
final class CommonConfigReader {
    private final JsonFields fields;

    CommonConfigReader(JsonFields fields) {
        this.fields = fields;
    }

    /** A copy of everything. */
    ObjectNode raw() {
        return fields.node().deepCopy();
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

    void refuseQuantised() {
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
