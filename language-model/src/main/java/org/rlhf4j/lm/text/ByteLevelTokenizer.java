package org.rlhf4j.lm.text;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.base.Json;

/**
 * The tokenizer of a fresh model without one of its own: a token for each of the 256 bytes, then padding, BOS and EOS.
 *
 * <p>It is written as a {@code tokenizer.json} like any other (a byte-level BPE without merges), so transformers and this
 * library read it in the same way. Bytes appear in the vocabulary as the stand-in characters of GPT-2: printable Latin-1
 * characters stand for themselves, every other byte for a character from U+0100 on.
 */
public final class ByteLevelTokenizer {
    /** Token of padding, id 256. */
    public static final String PAD = "<|pad|>";

    /** Token that starts a text, id 257. */
    public static final String BOS = "<|bos|>";

    /** Token that ends a text, id 258. */
    public static final String EOS = "<|eos|>";

    /** Number of tokens. */
    public static final int SIZE = 259;

    private ByteLevelTokenizer() {}

    /**
     * The files of the tokenizer: {@code tokenizer.json}, {@code tokenizer_config.json} and {@code
     * special_tokens_map.json}.
     *
     * @param context longest sequence of the model in tokens, written as {@code model_max_length}
     */
    public static Map<String, byte[]> files(int context) {
        ObjectNode roles = Json.mapper().createObjectNode();
        roles.put("bos_token", BOS);
        roles.put("eos_token", EOS);
        roles.put("pad_token", PAD);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("tokenizer.json", bytes(definition()));
        files.put("tokenizer_config.json", bytes(config(roles, context)));
        files.put("special_tokens_map.json", bytes(roles));
        return files;
    }

    private static byte[] bytes(ObjectNode json) {
        return Json.pretty(json).getBytes(StandardCharsets.UTF_8);
    }

    private static ObjectNode definition() {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("version", "1.0");
        json.putNull("truncation");
        json.putNull("padding");
        ArrayNode added = json.putArray("added_tokens");
        specials().forEach((token, id) -> added.add(flags(token).put("id", id)));
        json.putNull("normalizer");
        json.set("pre_tokenizer", byteLevel());
        json.putNull("post_processor");
        json.set("decoder", byteLevel());
        ObjectNode model = json.putObject("model");
        model.put("type", "BPE");
        List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")
                .forEach(model::putNull);
        List.of("fuse_unk", "byte_fallback", "ignore_merges").forEach(key -> model.put(key, false));
        ObjectNode vocabulary = model.putObject("vocab");
        for (int value = 0; value < 256; value++) {
            vocabulary.put(Character.toString(standIn(value)), value);
        }
        model.putArray("merges");
        return json;
    }

    private static Map<String, Integer> specials() {
        Map<String, Integer> specials = new LinkedHashMap<>();
        specials.put(PAD, 256);
        specials.put(BOS, 257);
        specials.put(EOS, 258);
        return specials;
    }

    private static ObjectNode flags(String token) {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("content", token);
        List.of("single_word", "lstrip", "rstrip", "normalized").forEach(key -> json.put(key, false));
        return json.put("special", true);
    }

    private static ObjectNode byteLevel() {
        ObjectNode json = Json.mapper().createObjectNode();
        json.put("type", "ByteLevel");
        List.of("add_prefix_space", "trim_offsets", "use_regex").forEach(key -> json.put(key, false));
        return json;
    }

    private static ObjectNode config(ObjectNode roles, int context) {
        ObjectNode json = Json.mapper().createObjectNode();
        ObjectNode decoder = json.putObject("added_tokens_decoder");
        specials().forEach((token, id) -> decoder.set(Integer.toString(id), flags(token)));
        json.setAll(roles);
        json.put("clean_up_tokenization_spaces", false);
        json.put("model_max_length", context);
        json.put("tokenizer_class", "PreTrainedTokenizerFast");
        return json;
    }

    /** The character that stands for a byte in byte-level vocabularies. */
    static int standIn(int value) {
        if (isPrintable(value)) {
            return value;
        }
        int before = 0;
        for (int lower = 0; lower < value; lower++) {
            before += isPrintable(lower) ? 0 : 1;
        }
        return 256 + before;
    }

    private static boolean isPrintable(int value) {
        return (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xAC) || value >= 0xAE;
    }
}
