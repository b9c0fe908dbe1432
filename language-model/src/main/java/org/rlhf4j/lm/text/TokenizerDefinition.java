package org.rlhf4j.lm.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;

/**
 * The content of a {@code tokenizer.json}: its tokens with their ids, and the two definitions that are made from it, one
 * for template text and one for content.
 *
 * <p>In the definition for content no text can spell a special token: each of them keeps its id under a random name that
 * is never written anywhere. Removing them is not enough, because ids of added tokens are handed out in
 * list order when the file is read, and because a word-level or unigram vocabulary finds them as ordinary words.
 */
final class TokenizerDefinition {
    private final String file;
    private final ObjectNode json;
    private final Map<String, Integer> ids = new HashMap<>();
    private final Set<String> added = new HashSet<>();
    private final Set<String> specials = new HashSet<>();
    private final @Nullable String unknown;
    private final String hiddenPrefix = "hidden-" + UUID.randomUUID() + "-";

    TokenizerDefinition(byte[] content, String file) {
        this.file = file;
        JsonFields fields = JsonFields.of(parse(content, file), file, 0);
        this.json = fields.node();
        JsonFields model = fields.object("model");
        readVocabulary(model);
        for (JsonFields token : fields.has("added_tokens") ? fields.objects("added_tokens") : List.<JsonFields>of()) {
            putId(token.text("content"), token.integer("id"));
            added.add(token.text("content"));
            if (token.bool("special", false)) {
                specials.add(token.text("content"));
            }
        }
        this.unknown = unknownToken(model);
        NativeGuard.check(fields);
    }

    private static JsonNode parse(byte[] content, String file) {
        try {
            return Json.parse(content);
        } catch (DataFormatException e) {
            throw e.at(file, 0);
        }
    }

    private void readVocabulary(JsonFields model) {
        JsonNode vocabulary = model.required("vocab");
        if (vocabulary.isObject()) {
            JsonFields entries = model.object("vocab");
            for (String token : entries.names()) {
                putId(token, entries.integer(token));
            }
        } else {
            int id = 0;
            for (JsonNode entry : model.array("vocab")) {
                if (!entry.path(0).isTextual()) {
                    throw model.problem("vocab", "must hold [token, score] pairs; entry " + id + " is none");
                }
                putId(entry.get(0).textValue(), id++);
            }
        }
    }

    private void putId(String token, long id) {
        if (id < 0 || id > Integer.MAX_VALUE - 1) {
            throw new DataFormatException(file, 0, "token \"" + token + "\" has id " + id + ", outside 0..2147483646");
        }
        @Nullable Integer before = ids.put(token, (int) id);
        if (before != null && before != id) {
            throw new DataFormatException(file, 0, "token \"" + token + "\" has two ids, " + before + " and " + id);
        }
    }

    private @Nullable String unknownToken(JsonFields model) {
        if (model.has("unk_token")) {
            return model.text("unk_token");
        }
        if (model.has("unk_id")) {
            long id = model.integer("unk_id");
            return ids.entrySet().stream()
                    .filter(entry -> entry.getValue() == id)
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(null);
        }
        return null;
    }

    /** Every token with its id. */
    Map<String, Integer> ids() {
        return ids;
    }

    /** The added tokens that the file marks as special. */
    Set<String> specials() {
        return specials;
    }

    /** The model's token for text that it does not know, or null when it has none. */
    @Nullable
    String unknown() {
        return unknown;
    }

    /** Whether text without a token of its own becomes byte tokens, so that nothing is unknown. */
    boolean hasByteFallback() {
        return json.path("model").path("byte_fallback").asBoolean(false);
    }

    /** Whether every text has tokens: byte by byte where nothing else fits. */
    boolean coversEverything() {
        if (hasByteFallback()) {
            return true;
        }
        boolean allBytes = IntStream.range(0, 256)
                .mapToObj(ByteLevelTokenizer::standIn)
                .allMatch(letter -> ids.containsKey(Character.toString(letter)));
        return allBytes && preTokenizers().contains("ByteLevel");
    }

    /** Whether the tokenizer splits at white space and leaves it out. */
    boolean splitsAtSpaces() {
        return preTokenizers().stream().anyMatch(Set.of("Whitespace", "WhitespaceSplit", "BertPreTokenizer")::contains);
    }

    private Set<String> preTokenizers() {
        Set<String> types = new HashSet<>();
        JsonNode root = json.path("pre_tokenizer");
        types.add(root.path("type").asText(""));
        root.path("pretokenizers").forEach(part -> types.add(part.path("type").asText("")));
        return types;
    }

    /** Whether encoding a single text with special tokens starts with this token. */
    boolean startsWith(String token) {
        return startsWith(json.path("post_processor"), token);
    }

    private static boolean startsWith(JsonNode processor, String token) {
        for (JsonNode part : processor.path("processors")) {
            if (startsWith(part, token)) {
                return true;
            }
        }
        return processor
                .path("single")
                .path(0)
                .path("SpecialToken")
                .path("id")
                .asText("")
                .equals(token);
    }

    /**
     * What encoding a pair of texts puts around them, or null where the file does not say.
     *
     * @param idOf gives the id of a token
     */
    @Nullable
    Frame pairFrame(ToIntFunction<String> idOf) {
        try {
            return Frame.ofPair(json.path("post_processor"), idOf);
        } catch (DataFormatException e) {
            throw e.at(file, 0);
        }
    }

    /** The definition for template text: no truncation, padding or special tokens of its own. */
    String forTemplates() {
        return Json.write(bare());
    }

    /**
     * The definition for content.
     *
     * @param hidden the tokens that no text may spell; the unknown token stays reachable for what is unknown
     */
    String forContent(Set<String> hidden) {
        ObjectNode copy = bare();
        Set<String> inVocabulary = new HashSet<>();
        ObjectNode model = (ObjectNode) copy.get("model");
        for (String token : vocabulary(model.get("vocab"))) {
            if (hidden.contains(token)) {
                inVocabulary.add(token);
            }
        }
        Set<String> renamed = new HashSet<>(hidden);
        renamed.removeIf(this::isNeeded);
        model.set("vocab", renamed(model.get("vocab"), renamed, hiddenPrefix));
        ArrayNode added = copy.putArray("added_tokens");
        for (JsonNode token : json.path("added_tokens")) {
            ObjectNode entry = token.deepCopy();
            String content = entry.path("content").textValue();
            if (!hidden.contains(content)) {
                added.add(entry);
            } else if (renamed.contains(content) || !inVocabulary.contains(content)) {
                added.add(entry.put("content", hiddenPrefix + content).put("normalized", false));
            }
        }
        return Json.write(copy);
    }

    /**
     * How the definition for content spells a hidden token that this file adds to the vocabulary, whether it calls it
     * special or not: what no user can write, and becomes the token.
     */
    String hiddenName(String token) {
        return added.contains(token) ? hiddenPrefix + token : token;
    }

    private static List<String> vocabulary(JsonNode vocabulary) {
        List<String> tokens = new ArrayList<>();
        if (vocabulary.isObject()) {
            vocabulary.fieldNames().forEachRemaining(tokens::add);
        } else {
            vocabulary.forEach(entry -> tokens.add(entry.path(0).textValue()));
        }
        return tokens;
    }

    private static JsonNode renamed(JsonNode vocabulary, Set<String> hidden, String prefix) {
        if (vocabulary instanceof ObjectNode entries) {
            for (String token : hidden) {
                @Nullable JsonNode id = entries.remove(token);
                if (id != null) {
                    entries.set(prefix + token, id);
                }
            }
        } else {
            for (JsonNode entry : vocabulary) {
                String token = entry.path(0).textValue();
                if (hidden.contains(token)) {
                    ((ArrayNode) entry).set(0, prefix + token);
                }
            }
        }
        return vocabulary;
    }

    /** Whether this special token can have no meaning in content: it is neither the unknown token nor a byte. */
    boolean canOnlyBeSpecial(String token) {
        return !isNeeded(token);
    }

    private boolean isNeeded(String token) {
        return token.equals(unknown) || (hasByteFallback() && token.matches("<0x[0-9A-F]{2}>"));
    }

    private ObjectNode bare() {
        ObjectNode copy = json.deepCopy();
        copy.putNull("truncation");
        copy.putNull("padding");
        copy.putNull("post_processor");
        return copy;
    }
}
