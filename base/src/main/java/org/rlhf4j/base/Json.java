package org.rlhf4j.base;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * JSON as RFC 8259 has it and no more: what other readers quietly repair is refused here.
 *
 * <p>Refused: a key twice in one object, anything after the value, an empty document, comments, {@code NaN} and
 * {@code Infinity}, numbers that overflow a double ({@code 1e400}), bytes that are not UTF-8 (overlong forms and
 * encoded surrogates too), half of a surrogate pair (an escape {@code ud800} alone), nesting beyond 128, numbers of
 * more than 1000 digits, and sizes beyond the {@link Size} asked for. One leading byte order mark is skipped. Every
 * refusal is a {@link DataFormatException} with a reason of one line.
 *
 * <p>Writing keeps the same rules, so that whatever this class writes it can read: a NaN, an infinity or half of a
 * surrogate pair is an {@link IllegalArgumentException}.
 */
public final class Json {
    /** How large a document may be. */
    public enum Size {
        /** One row of a data file: 16 MiB. */
        ROW(16 << 20),
        /** A file of its own, such as {@code tokenizer.json}: 256 MiB. */
        DOCUMENT(256 << 20);

        private final int maxBytes;

        Size(int maxBytes) {
            this.maxBytes = maxBytes;
        }

        /** The largest document, in bytes of UTF-8 (or characters, when it comes as a string). */
        public int maxBytes() {
            return maxBytes;
        }
    }

    private static final int MAX_DEPTH = 128;
    private static final int MAX_NUMBER_LENGTH = 1_000;
    private static final int MAX_NAME_LENGTH = 1 << 20;
    private static final JsonFactory ROWS = factory(Size.ROW);
    private static final JsonFactory DOCUMENTS = factory(Size.DOCUMENT);
    private static final ObjectMapper MAPPER = JsonMapper.builder(ROWS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /** The mapper behind this class, for building trees; parse and write with this class instead. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /** A new object without fields. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** A new array without elements. */
    public static ArrayNode array() {
        return MAPPER.createArrayNode();
    }

    /**
     * Parses one JSON value of the size of a document.
     *
     * @param json the text
     * @return the value
     * @throws DataFormatException without a file, with the column in its reason
     */
    public static JsonNode parse(String json) {
        return parse(json, Size.DOCUMENT);
    }

    /**
     * Parses one JSON value of the size of a document.
     *
     * @param utf8 the text as UTF-8
     * @return the value
     * @throws DataFormatException without a file, with the column or byte offset in its reason
     */
    public static JsonNode parse(byte[] utf8) {
        return parse(utf8, Size.DOCUMENT);
    }

    /**
     * Parses one JSON value.
     *
     * @param json the text
     * @param size how large it may be
     * @return the value
     * @throws DataFormatException without a file, with the column in its reason; its line is that within the text, when
     *     the problem is not on the first
     */
    public static JsonNode parse(String json, Size size) {
        requireSize(json.length(), size);
        return parseText(json.startsWith(Utf8.BYTE_ORDER_MARK) ? json.substring(1) : json, size, 1);
    }

    /**
     * Parses one JSON value.
     *
     * @param utf8 the text as UTF-8
     * @param size how large it may be
     * @return the value
     * @throws DataFormatException without a file, with the column or byte offset in its reason; its line is that within
     *     the text, when the problem is not on the first
     */
    public static JsonNode parse(byte[] utf8, Size size) {
        requireSize(utf8.length, size);
        Utf8.refuseUtf16(utf8, utf8.length);
        return parse(Utf8.decode(utf8, 0, utf8.length), size);
    }

    /**
     * Reads a file that holds one JSON value, of the size of a document.
     *
     * @param file the file
     * @return the value
     * @throws DataFormatException with the file and, for malformed JSON, line and column
     */
    public static JsonNode read(Path file) {
        try {
            requireSize(Files.size(file), Size.DOCUMENT);
            return parse(Files.readAllBytes(file), Size.DOCUMENT);
        } catch (DataFormatException e) {
            throw e.at(file.toString(), e.reason().contains("(column ") ? 1 : 0);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    /** The value on one line, without spaces. */
    public static String write(Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = new StrictGenerator(ROWS.createGenerator(text))) {
            MAPPER.writeValue(generator, value);
        } catch (IOException e) {
            throw unwritable(e);
        }
        return text.toString();
    }

    /** The value on one line, without spaces, as UTF-8. */
    public static byte[] writeUtf8(Object value) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1 << 10);
        try (JsonGenerator generator = new StrictGenerator(ROWS.createGenerator(bytes))) {
            MAPPER.writeValue(generator, value);
        } catch (IOException e) {
            throw unwritable(e);
        }
        return bytes.toByteArray();
    }

    /** The value indented by two spaces, lines ending in \n whatever the system, with a final newline. */
    public static String pretty(Object value) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = new StrictGenerator(ROWS.createGenerator(text))) {
            generator.setPrettyPrinter(JsonLayout.indented());
            MAPPER.writeValue(generator, value);
        } catch (IOException e) {
            throw unwritable(e);
        }
        return text.append('\n').toString();
    }

    /** The kind of a value with its article, for messages: "a string", "an integer", "null", ... */
    public static String describe(@Nullable JsonNode value) {
        if (value == null) {
            return "missing";
        }
        return switch (value.getNodeType()) {
            case STRING -> "a string";
            case NUMBER -> value.isIntegralNumber() ? "an integer" : "a number with a fraction";
            case BOOLEAN -> value.booleanValue() ? "true" : "false";
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case NULL -> "null";
            case MISSING -> "missing";
            case BINARY, POJO -> "no JSON value";
        };
    }

    /** Parses a row of a data file whose first character stands in a given column. */
    static JsonNode parseRow(byte[] utf8, int column) {
        JsonNode value = PlainJson.parse(utf8);
        return value != null ? value : parseText(Utf8.decode(utf8, 0, utf8.length), Size.ROW, column);
    }

    /** Parses text without a byte order mark, whose first character stands in a given column. */
    static JsonNode parseText(String text, Size size, int column) {
        try (JsonParser parser = new StrictParser((size == Size.ROW ? ROWS : DOCUMENTS).createParser(text), column)) {
            JsonNode value = MAPPER.readTree(parser);
            if (value == null || value.isMissingNode()) {
                throw new DataFormatException("is empty where a JSON value was expected");
            }
            return value;
        } catch (JsonProcessingException e) {
            throw JsonProblem.of(e, column);
        } catch (IOException e) {
            throw new DataFormatException("", 0, "cannot be read: " + e.getMessage(), e);
        }
    }

    static DataFormatException unreadable(Path file, IOException e) {
        String reason = Files.isDirectory(file) ? "is a directory, not a file" : IoReason.of(IoReason.READ, e);
        return new DataFormatException(file.toString(), 0, reason, e);
    }

    private static void requireSize(long length, Size size) {
        if (length > size.maxBytes()) {
            throw new DataFormatException("is larger than " + (size.maxBytes() >> 20) + " MiB");
        }
    }

    private static IllegalArgumentException unwritable(IOException e) {
        String reason = e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
        return new IllegalArgumentException("cannot be written as JSON: " + reason, e);
    }

    private static JsonFactory factory(Size size) {
        StreamReadConstraints limits = StreamReadConstraints.builder()
                .maxNestingDepth(MAX_DEPTH)
                .maxStringLength(size.maxBytes())
                .maxNameLength(MAX_NAME_LENGTH)
                .maxNumberLength(MAX_NUMBER_LENGTH)
                .build();
        return JsonFactory.builder()
                .streamReadConstraints(limits)
                .streamWriteConstraints(StreamWriteConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build())
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
                .build();
    }
}
