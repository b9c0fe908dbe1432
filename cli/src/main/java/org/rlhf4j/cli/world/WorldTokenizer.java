package org.rlhf4j.cli.world;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.base.Json;

/**
 * The tokenizer of the text world: one token for each of its words, with the space before it. Decoding is putting the
 * tokens together, so every sentence of the world comes back as it was, and the text of a beginning of the tokens is a
 * beginning of the text.
 */
final class WorldTokenizer {
    private static final String PAD = "<|pad|>";
    private static final String BOS = "<|bos|>";
    private static final String EOS = "<|eos|>";
    private static final String UNKNOWN = "<|unk|>";
    private static final List<String> SPECIALS = List.of(PAD, BOS, EOS, UNKNOWN);
    private static final int CONTEXT = 4096;

    private WorldTokenizer() {}

    /** The tokenizer's files by name, as a model directory holds them. */
    static Map<String, String> files() {
        ObjectNode roles = Json.object();
        roles.put("bos_token", BOS);
        roles.put("eos_token", EOS);
        roles.put("pad_token", PAD);
        roles.put("unk_token", UNKNOWN);
        Map<String, String> files = new LinkedHashMap<>();
        files.put("tokenizer.json", Json.pretty(definition()));
        files.put("tokenizer_config.json", Json.pretty(config(roles)));
        files.put("special_tokens_map.json", Json.pretty(roles));
        return files;
    }

    private static List<String> tokens() {
        List<String> tokens = new ArrayList<>(SPECIALS);
        tokens.addAll(List.of("Please", "I", ",", ".", " and", " then", " " + Words.WASH, " " + Words.CHOP));
        Words.WAYS.forEach(way -> tokens.add(" " + way));
        Words.INGREDIENTS.forEach(ingredient -> tokens.add(" " + ingredient));
        return tokens;
    }

    private static ObjectNode definition() {
        ObjectNode json = Json.object();
        json.put("version", "1.0");
        json.putNull("truncation");
        json.putNull("padding");
        ArrayNode added = json.putArray("added_tokens");
        SPECIALS.forEach(token -> added.add(flags(token).put("id", SPECIALS.indexOf(token))));
        json.putNull("normalizer");
        ObjectNode split = json.putObject("pre_tokenizer");
        split.put("type", "Split");
        split.putObject("pattern").put("Regex", " ?[A-Za-z]+|[^A-Za-z]");
        split.put("behavior", "Isolated");
        split.put("invert", false);
        json.putNull("post_processor");
        json.putObject("decoder").put("type", "Fuse");
        ObjectNode model = json.putObject("model");
        model.put("type", "WordLevel");
        ObjectNode vocabulary = model.putObject("vocab");
        tokens().forEach(token -> vocabulary.put(token, vocabulary.size()));
        model.put("unk_token", UNKNOWN);
        return json;
    }

    private static ObjectNode flags(String token) {
        ObjectNode json = Json.object();
        json.put("content", token);
        List.of("single_word", "lstrip", "rstrip", "normalized").forEach(key -> json.put(key, false));
        return json.put("special", true);
    }

    private static ObjectNode config(ObjectNode roles) {
        ObjectNode json = Json.object();
        ObjectNode decoder = json.putObject("added_tokens_decoder");
        SPECIALS.forEach(token -> decoder.set(Integer.toString(SPECIALS.indexOf(token)), flags(token)));
        json.setAll(roles);
        json.put("clean_up_tokenization_spaces", false);
        json.put("model_max_length", CONTEXT);
        json.put("tokenizer_class", "PreTrainedTokenizerFast");
        return json;
    }
}
