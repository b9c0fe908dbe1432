package org.rlhf4j.lm.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.JsonFields;

/**
 * What {@code tokenizer_config.json}, or {@code special_tokens_map.json} where that lacks something, says of a tokenizer:
 * which tokens have which role. Tokens stand there as strings or as {@code AddedToken} objects.
 */
final class TokenizerSettings {
    private static final List<String> ROLES =
            List.of("bos_token", "eos_token", "pad_token", "unk_token", "sep_token", "cls_token", "mask_token");

    private final Map<String, String> roles = new LinkedHashMap<>();
    private final Set<String> others = new LinkedHashSet<>();
    private @Nullable Boolean addBos;
    private @Nullable JsonFields chatTemplate;

    /** Adds what a file says; what an earlier file said stays. */
    void read(JsonFields file) {
        for (String role : ROLES) {
            @Nullable JsonNode value = file.optional(role);
            if (value != null) {
                roles.putIfAbsent(role, content(file, role, value));
            }
        }
        for (String list : List.of("additional_special_tokens", "extra_special_tokens")) {
            @Nullable JsonNode value = file.optional(list);
            if (value != null && value.isContainerNode()) {
                value.forEach(token -> others.add(content(file, list, token)));
            }
        }
        if (addBos == null && file.has("add_bos_token")) {
            addBos = file.bool("add_bos_token");
        }
        if (chatTemplate == null && file.has("chat_template")) {
            chatTemplate = file;
        }
    }

    /** The token of a role such as {@code eos_token}, or null. */
    @Nullable
    String token(String role) {
        return roles.get(role);
    }

    /** Every token that has a role or is listed as special. */
    Set<String> specials() {
        Set<String> all = new LinkedHashSet<>(roles.values());
        all.addAll(others);
        return all;
    }

    /** The value of {@code add_bos_token}, or null where the files are silent. */
    @Nullable
    Boolean addBos() {
        return addBos;
    }

    /** Every token that has a role, by the role. */
    Map<String, String> roles() {
        return roles;
    }

    /** The file with the key {@code chat_template}, or null. */
    @Nullable
    JsonFields chatTemplate() {
        return chatTemplate;
    }

    private static String content(JsonFields file, String key, JsonNode value) {
        if (value.isTextual()) {
            return value.textValue();
        }
        if (value.path("content").isTextual()) {
            return value.get("content").textValue();
        }
        throw file.problem(key, "must be a token or an object with its \"content\"");
    }
}
