package org.rlhf4j.lm.text;

import com.fasterxml.jackson.databind.JsonNode;
import org.rlhf4j.base.JsonFields;

/**
 * Refuses what would not be an error but the end of the process: the native tokenizer library ends it where its own
 * assumptions about a {@code tokenizer.json} do not hold.
 */
final class NativeGuard {
    private NativeGuard() {}

    static void check(JsonFields file) {
        JsonFields model = file.object("model");
        requirePrefixedMerges(model);
    }

    /** With a prefix for continuing pieces, the library cuts that many bytes off the second piece of every merge. */
    private static void requirePrefixedMerges(JsonFields model) {
        JsonNode prefix = model.node().path("continuing_subword_prefix");
        if (!prefix.isTextual() || prefix.textValue().isEmpty()) {
            return;
        }
        for (JsonNode merge : model.node().path("merges")) {
            String second = merge.isArray()
                    ? merge.path(1).asText("")
                    : merge.asText("").replaceFirst("^\\S* ", "");
            if (!second.startsWith(prefix.textValue())) {
                throw model.problem(
                        "continuing_subword_prefix",
                        "is \"" + prefix.textValue() + "\", but the merge " + merge + " continues with \"" + second
                                + "\"");
            }
        }
    }
}
