package org.rlhf4j.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * JSON as RFC 8259 has it and no more: what other readers quietly repair is refused here.
 *
 * <p>Refused: a key twice in one object, anything after the value, an empty document, comments, {@code NaN} and
 * {@code Infinity}, numbers that overflow a double ({@code 1e400}), bytes that are not UTF-8 (overlong forms and
 * encoded surrogates too), {@code \}{@code ud800} without its other half, nesting beyond 128, and sizes beyond the
 * {@link Size} asked for. One leading byte order mark is skipped. Every refusal is a {@link DataFormatException}.
 */
public final class Json {
    /** How large a document may be. */
    public enum Size {
        /** One row of a data file: 64 MiB. */
        ROW(64 << 20),
        /** A file of its own, such as {@code tokenizer.json}: 1 GiB. */
        DOCUMENT(1 << 30);

        private final int maxBytes;

        Size(int maxBytes) {
            this.maxBytes = maxBytes;
        }

        /** The largest document, in bytes of UTF-8. */
        public int maxBytes() {
            return maxBytes;
        }
    }

    private static final int MAX_DEPTH = 128;
    private static final JsonFactory ROWS = factory(Size.ROW);
    private static final JsonFactory DOCUMENTS = factory(Size.DOCUMENT);
    private static final ObjectMapper MAPPER = JsonMapper.builder(ROWS).build();

    private Json() {}

    /** A mapper for building and writing trees ({@code createObjectNode()}); parse with this class instead. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /**
     * Parses one JSON value of the size of a row.
     *
     * @param json the text
     * @return the value
     * @throws DataFormatException without a place, with the column in its reason
     */
    public static JsonNode parse(String json) {
        return parse(json, Size.ROW);
    }

    /**
     * Parses one JSON value of the size of a row.
     *
     * @param utf8 the text as UTF-8
     * @return the value
     * @throws DataFormatException without a place, with the column or byte offset in its reason
     */
    public static JsonNode parse(byte[] utf8) {
        return parse(decode(utf8, 0, utf8.length), Size.ROW);
    }

    /**
     * Parses one JSON value.
     *
     * @param json the text
     * @param size how large it may be
     * @return the value
     * @throws DataFormatException without a file; its line is that within the text, when there is more than one
     */
    public static JsonNode parse(String json, Size size) {
        String text = json.startsWith("\uFEFF") ? json.substring(1) : json;
        if (text.length() > size.maxBytes()) {
            throw new DataFormatException("is longer than " + size.maxBytes() + " bytes");
        }
        try (JsonParser parser = new StrictParser((size == Size.ROW ? ROWS : DOCUMENTS).createParser(text))) {
            JsonNode value = MAPPER.readTree(parser);
            if (value == null || value.isMissingNode()) {
                throw new DataFormatException("is empty where a JSON value was expected");
            }
            if (parser.nextToken() != null) {
                throw problem("more text after the JSON value", parser);
            }
            return value;
        } catch (JsonProcessingException e) {
            throw JsonProblem.of(e);
        } catch (IOException e) {
            throw new DataFormatException("", 0, "cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Reads a file that holds one JSON value.
     *
     * @param file the file, up to the size of a document
     * @return the value
     * @throws DataFormatException with the file and, where it is known, the line
     */
    public static JsonNode read(Path file) {
        String name = file.toString();
        try {
            long bytes = Files.size(file);
            if (bytes > Size.DOCUMENT.maxBytes()) {
                throw new DataFormatException(name, 0, "is longer than " + Size.DOCUMENT.maxBytes() + " bytes");
            }
            byte[] utf8 = Files.readAllBytes(file);
            return parse(decode(utf8, 0, utf8.length), Size.DOCUMENT);
        } catch (DataFormatException e) {
            throw e.at(name, 0);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** The value on one line, without spaces, as UTF-16 text. */
    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** The value indented by two spaces, lines ending in \n whatever the system, with a final newline. */
    public static String pretty(Object value) {
        try {
            return MAPPER.writer(JsonLayout.INDENTED).writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    /** The kind of a value with its article, for messages: "a string", "an integer", "null", ... */
    public static String describe(@Nullable JsonNode value) {
        if (value == null || value.isMissingNode()) {
            return "missing";
        }
        return switch (value.getNodeType()) {
            case STRING -> "a string";
            case NUMBER -> value.isIntegralNumber() ? "an integer" : "a number with a fraction";
            case BOOLEAN -> value.booleanValue() ? "true" : "false";
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case NULL -> "null";
            default -> value.getNodeType().name().toLowerCase(Locale.ROOT);
        };
    }

    static DataFormatException problem(String what, JsonParser parser) {
        return JsonProblem.at(what, parser.currentTokenLocation(), null);
    }

    static DataFormatException unreadable(Path file, IOException e) {
        String reason;
        if (e instanceof NoSuchFileException) {
            reason = "no such file";
        } else if (e instanceof AccessDeniedException) {
            reason = "permission denied";
        } else if (Files.isDirectory(file)) {
            reason = "is a directory, not a file";
        } else {
            reason = "cannot be read: " + e.getMessage();
        }
        return new DataFormatException(file.toString(), 0, reason, e);
    }

    /** Decodes UTF-8 and refuses what is not. */
    static String decode(byte[] utf8, int offset, int length) {
        CharsetDecoder decoder = StandardCharsets.UTF_8
                .newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(utf8, offset, length);
        CharBuffer out = CharBuffer.allocate(length);
        CoderResult result = decoder.decode(in, out, true);
        if (result.isError()) {
            int at = in.position() - offset;
            String hex = String.format(Locale.ROOT, "%02X", utf8[in.position()] & 0xFF);
            throw new DataFormatException("invalid UTF-8 at byte " + at + " (" + hex + ")");
        }
        return out.flip().toString();
    }

    private static JsonFactory factory(Size size) {
        StreamReadConstraints limits = StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxStringLength(size.maxBytes())
                .maxNameLength(1 << 20)
                .maxNumberLength(1000)
                .build();
        return JsonFactory.builder()
                .streamReadConstraints(limits)
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .build();
    }
}
