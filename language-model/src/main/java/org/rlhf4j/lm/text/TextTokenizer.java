package org.rlhf4j.lm.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.base.ModelDirectory;
import org.rlhf4j.base.Sha256;
import org.rlhf4j.core.tensor.Torch;

/**
 * A Hugging Face tokenizer ({@code tokenizer.json}) that never truncates, never pads and never adds a token by itself.
 *
 * <p>It is two tokenizers in one. Template text, which RLHF4J writes itself, may spell special tokens. Content, which a
 * user wrote, may not: {@code <|eos|>} in a message stays seven characters. Special tokens are those that
 * {@code tokenizer.json} marks as special and those that {@code tokenizer_config.json} gives a role.
 *
 * <p>Encoding and decoding may be called from several threads; {@link #close()} must come after all of them.
 */
public final class TextTokenizer implements AutoCloseable {
    /** The files of a tokenizer that are read here; only the first must be there. */
    public static final List<String> FILES =
            List.of("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja");

    private static final Map<String, String> PLAIN =
            Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

    private final String file;
    private final TokenizerSettings settings;
    private final Map<String, Integer> ids;
    private final Map<String, Integer> specials;
    private final Set<Integer> forbidden = new HashSet<>();
    private final BitSet known = new BitSet();
    private final OptionalInt unknownId;
    private final @Nullable Frame pairFrame;
    private final String sha256;
    private final @Nullable ChatTemplate chatTemplate;
    private final Map<String, String> hiddenNames = new HashMap<>();
    private final boolean addsBos;
    private final boolean coversEverything;
    private final boolean splitsAtSpaces;
    private final HuggingFaceTokenizer templates;
    private final HuggingFaceTokenizer contents;

    private TextTokenizer(Map<String, byte[]> files, String directory) {
        this.file = directory + "/tokenizer.json";
        byte[] json = files.get("tokenizer.json");
        if (json == null) {
            throw new DataFormatException(
                    file,
                    0,
                    "there is no such file; a tokenizer in another format is converted with: python -c"
                            + " \"from transformers import AutoTokenizer as T; T.from_pretrained('" + directory
                            + "').save_pretrained('" + directory + "')\"");
        }
        TokenizerDefinition definition = new TokenizerDefinition(json, file);
        this.ids = definition.ids();
        this.settings = new TokenizerSettings();
        for (String name : List.of("tokenizer_config.json", "special_tokens_map.json")) {
            byte[] content = files.get(name);
            if (content != null) {
                settings.read(fields(content, directory + "/" + name));
            }
        }
        this.chatTemplate = ChatTemplate.find(files, settings.chatTemplate(), settings.roles());
        this.sha256 = sha256(json);
        Set<String> hidden = new HashSet<>(definition.specials());
        hidden.addAll(settings.specials());
        Map<String, Integer> special = new HashMap<>();
        for (String token : hidden) {
            hiddenNames.put(token, definition.hiddenName(token));
            special.put(token, requireId(token));
            if (definition.canOnlyBeSpecial(token)) {
                forbidden.add(requireId(token));
            }
        }
        this.specials = Map.copyOf(special);
        ids.values().forEach(known::set);
        @Nullable String unknown = definition.unknown();
        this.unknownId = unknown == null ? OptionalInt.empty() : OptionalInt.of(requireId(unknown));
        this.addsBos = addsBos(definition);
        this.pairFrame = definition.pairFrame(this::requireId);
        this.coversEverything = definition.coversEverything();
        this.splitsAtSpaces = definition.splitsAtSpaces();
        this.templates = create(definition.forTemplates());
        this.contents = create(definition.forContent(hidden));
    }

    /**
     * Opens the tokenizer of a model directory.
     *
     * @param directory holds {@code tokenizer.json} and usually {@code tokenizer_config.json}
     * @throws DataFormatException if there is none, or it cannot be used
     */
    public static TextTokenizer open(Path directory) {
        Map<String, byte[]> files = new HashMap<>();
        for (String name : FILES) {
            byte @Nullable [] content = ModelDirectory.read(directory, name);
            if (content != null) {
                files.put(name, content);
            }
        }
        files.putAll(namedTemplates(directory));
        return of(files, directory.toString());
    }

    /**
     * The named chat templates of a model directory: content by {@code additional_chat_templates/NAME.jinja}.
     *
     * @throws DataFormatException if one cannot be read
     */
    public static Map<String, byte[]> namedTemplates(Path directory) {
        return ChatTemplate.additional(directory);
    }

    /**
     * A tokenizer from the content of its files.
     *
     * @param files content by name, as {@link #FILES} lists them; others are ignored
     * @param directory where they come from, for messages
     * @throws DataFormatException if they cannot be used
     */
    public static TextTokenizer of(Map<String, byte[]> files, String directory) {
        return new TextTokenizer(files, directory);
    }

    private static JsonFields fields(byte[] content, String file) {
        try {
            return JsonFields.of(Json.parse(content), file, 0);
        } catch (DataFormatException e) {
            throw e.at(file, 0);
        }
    }

    private HuggingFaceTokenizer create(String json) {
        Torch.configure();
        try (ByteArrayInputStream in = new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8))) {
            return HuggingFaceTokenizer.newInstance(in, PLAIN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            throw new DataFormatException(file, 0, "is not a tokenizer that can be used: " + e.getMessage(), e);
        }
    }

    private int requireId(String token) {
        @Nullable Integer id = ids.get(token);
        if (id == null) {
            throw new DataFormatException(
                    file, 0, "has no token \"" + token + "\", which it or tokenizer_config.json names");
        }
        return id;
    }

    private static String sha256(byte[] content) {
        return HexFormat.of().formatHex(Sha256.digest().digest(content));
    }

    /** SHA-256 of {@code tokenizer.json}, in hexadecimal. */
    public String sha256() {
        return sha256;
    }

    /** One more than the largest id: the least number of embedding rows that a model with this tokenizer needs. */
    public int vocabularySize() {
        return known.length();
    }

    /** Whether there is a token with this id. */
    public boolean contains(int id) {
        return id >= 0 && known.get(id);
    }

    /** The id of a token, special or not. */
    public OptionalInt id(String token) {
        @Nullable Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** The special tokens with their ids. */
    public Map<String, Integer> specials() {
        return specials;
    }

    /** The id of the token that starts a text. */
    public OptionalInt bosId() {
        return role("bos_token");
    }

    /** The id of the token that ends a text. */
    public OptionalInt eosId() {
        return role("eos_token");
    }

    /** The id of the padding token. */
    public OptionalInt padId() {
        return role("pad_token");
    }

    /** The id of the token for text that the tokenizer does not know. */
    public OptionalInt unknownId() {
        return unknownId;
    }

    private OptionalInt role(String role) {
        @Nullable String token = settings.token(role);
        return token == null ? OptionalInt.empty() : id(token);
    }

    /** Whether the tokenizer's own files say that a text starts with BOS. */
    public boolean addsBos() {
        return addsBos;
    }

    private boolean addsBos(TokenizerDefinition definition) {
        @Nullable String bos = settings.token("bos_token");
        if (bos == null) {
            return false;
        }
        @Nullable Boolean said = settings.addBos();
        return said != null ? said : definition.startsWith(bos);
    }

    /**
     * What the tokenizer puts around the two texts of a pair.
     *
     * @throws DataFormatException if its definition does not say
     */
    Frame pairFrame() {
        if (pairFrame == null) {
            throw new DataFormatException(
                    file, 0, "has no post_processor that puts two texts together, which an encoder needs");
        }
        return pairFrame;
    }

    /** Whether the checkpoint brings a chat template of its own. */
    public boolean hasChatTemplate() {
        return chatTemplate != null;
    }

    /** The chat template that the checkpoint brings. */
    public Optional<ChatTemplate> chatTemplate() {
        return Optional.ofNullable(chatTemplate);
    }

    /**
     * The ids of what a user wrote: text that spells a special token stays text.
     *
     * @throws DataFormatException if the text is not valid Unicode, or becomes a special token all the same because two
     *     tokens of the file share an id
     */
    public int[] encodeContent(String text) {
        return content(text).ids();
    }

    /**
     * The ids of template text: text that spells a special token becomes it.
     *
     * @throws DataFormatException without a place, if the text is not valid Unicode
     */
    public int[] encodeTemplate(String text) {
        return template(text).text().ids();
    }

    /** As {@link #encodeTemplate}, with the place of each token. */
    EncodedSpans template(String text) {
        return encode(templates, text);
    }

    /** How {@link #withHiddenNames} is given a special token. */
    String hiddenName(String special) {
        return hiddenNames.getOrDefault(special, special);
    }

    /** The ids of text in which a special token is what {@link #hiddenName} says; its own spelling stays text. */
    EncodedSpans withHiddenNames(String text) {
        return encode(contents, text);
    }

    EncodedText content(String text) {
        EncodedText encoded = encode(contents, text).text();
        for (int id : encoded.ids()) {
            if (forbidden.contains(id)) {
                throw new DataFormatException(
                        file, 0, "turns content into its special token " + id + "; it cannot keep the two apart");
            }
        }
        return encoded;
    }

    private EncodedSpans encode(HuggingFaceTokenizer tokenizer, String text) {
        requireUnicode(text);
        if (text.isEmpty()) {
            return new EncodedSpans(new EncodedText(new int[0], 0, null), new int[0], new int[0]);
        }
        Encoding encoding;
        try {
            encoding = tokenizer.encode(text, false, false);
        } catch (RuntimeException e) {
            throw new DataFormatException("", 0, "cannot be encoded with " + file + ": " + e.getMessage(), e);
        }
        long[] wide = encoding.getIds();
        int[] ids = new int[wide.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Math.toIntExact(wide[i]);
        }
        return EncodedSpans.of(known(tokenizer, text, ids, encoding), encoding.getCharTokenSpans());
    }

    private EncodedText known(HuggingFaceTokenizer tokenizer, String text, int[] ids, Encoding encoding) {
        if (unknownId.isPresent()) {
            return UnknownText.byToken(text, ids, encoding.getCharTokenSpans(), unknownId.getAsInt());
        }
        return coversEverything
                ? new EncodedText(ids, 0, null)
                : UnknownText.byCoverage(
                        text,
                        ids,
                        encoding.getCharTokenSpans(),
                        point -> splitsAtSpaces && isSpace(point),
                        point -> tokenizer
                                        .encode(Character.toString(point), false, false)
                                        .getIds()
                                        .length
                                > 0);
    }

    private static boolean isSpace(int point) {
        return Character.isWhitespace(point) || Character.isSpaceChar(point);
    }

    private static void requireUnicode(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new DataFormatException(
                        "has half of a surrogate pair at character " + i + "; it is not valid Unicode");
            }
        }
    }

    /**
     * The text of some ids.
     *
     * @param ids ids of this tokenizer
     * @param skipSpecials whether special tokens are left out; otherwise they appear as they are spelled
     * @throws IllegalArgumentException if the tokenizer has no token of some id
     */
    public String decode(int[] ids, boolean skipSpecials) {
        long[] wide = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            if (!contains(ids[i])) {
                throw new IllegalArgumentException("the tokenizer has no token with id " + ids[i]);
            }
            wide[i] = ids[i];
        }
        return ids.length == 0 ? "" : templates.decode(wide, skipSpecials);
    }

    /**
     * Refuses a model whose embedding is too small for this tokenizer.
     *
     * @param embeddingRows rows of the model's embedding
     * @throws DataFormatException if some token would have no row
     */
    public void requireFits(int embeddingRows) {
        if (vocabularySize() > embeddingRows) {
            throw new DataFormatException(
                    file,
                    0,
                    "has ids up to " + (vocabularySize() - 1) + " but the model has only " + embeddingRows
                            + " embedding rows; it belongs to another model");
        }
    }

    @Override
    public void close() {
        templates.close();
        contents.close();
    }
}
