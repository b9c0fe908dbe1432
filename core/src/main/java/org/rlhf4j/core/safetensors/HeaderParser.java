package org.rlhf4j.core.safetensors;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;

/**
 * Reads the JSON header of a safetensors file as a stream, so that memory follows the file's size, and checks every
 * claim it makes: one tensor a name, offsets that tile the data exactly, sizes that follow from shape and type.
 */
final class HeaderParser {
    static final int MAX_NAME_BYTES = 1024;
    static final int MAX_TENSORS = 1_000_000;
    private static final int MAX_RANK = 64;
    static final String METADATA = "__metadata__";

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Names come from the file: they must not stay in the process's string tables.
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(128)
                    .maxNumberLength(20)
                    .maxNameLength(1 << 16)
                    .maxStringLength(1 << 24)
                    .build())
            .build();

    private final String file;
    private final JsonParser json;
    private final List<TensorInfo> tensors = new ArrayList<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    private HeaderParser(String file, JsonParser json) {
        this.file = file;
        this.json = json;
    }

    /** The header's tensors in file order, and its metadata. */
    record Header(List<TensorInfo> tensors, Map<String, String> metadata) {}

    /**
     * Parses and checks a header.
     *
     * @param header the header's bytes, without the length before it
     * @param dataBytes bytes of the file behind the header
     * @param file the file's name, for messages
     * @throws DataFormatException where the header breaks a rule of the format
     */
    static Header parse(byte[] header, long dataBytes, String file) {
        CharBuffer text = decode(header, file);
        try (JsonParser json = FACTORY.createParser(text.array(), 0, text.limit())) {
            HeaderParser parser = new HeaderParser(file, json);
            parser.readAll();
            parser.tensors.sort(Comparator.comparingLong(TensorInfo::begin)
                    .thenComparingLong(TensorInfo::end)
                    .thenComparing(TensorInfo::name));
            parser.checkTiling(dataBytes);
            return new Header(List.copyOf(parser.tensors), Collections.unmodifiableMap(parser.metadata));
        } catch (JsonProcessingException e) {
            throw new DataFormatException(
                    file, 0, "the header is not valid JSON: " + firstLine(e.getOriginalMessage()));
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    private static CharBuffer decode(byte[] header, String file) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(header));
        } catch (CharacterCodingException e) {
            throw new DataFormatException(file, 0, "the header is not valid UTF-8");
        }
    }

    private void readAll() throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            throw bad("the header is not a JSON object");
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName();
            json.nextToken();
            if (name.equals(METADATA)) {
                readMetadata();
            } else {
                if (tensors.size() == MAX_TENSORS) {
                    throw bad("more than " + MAX_TENSORS + " tensors");
                }
                checkName(name);
                tensors.add(readTensor(name));
            }
        }
        if (json.nextToken() != null) {
            throw bad("something follows the header's JSON object");
        }
    }

    private void readMetadata() throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NULL) {
            return;
        }
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw bad(METADATA + " is not an object of strings");
        }
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_STRING) {
                throw bad(METADATA + " entry " + quoted(key) + " is not a string");
            }
            metadata.put(key, json.getText());
        }
    }

    private void checkName(String name) {
        if (name.isEmpty()) {
            throw bad("a tensor has an empty name");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw bad("tensor name " + quoted(name) + " holds half of a surrogate pair");
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES) {
            throw bad("tensor name " + quoted(name) + " is longer than " + MAX_NAME_BYTES + " bytes");
        }
    }

    private TensorInfo readTensor(String name) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw bad("tensor " + quoted(name) + " is not described by an object");
        }
        @Nullable DType dtype = null;
        long @Nullable [] shape = null;
        long @Nullable [] offsets = null;
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "dtype" -> dtype = readType(name);
                case "shape" -> shape = readNumbers(name, field, MAX_RANK);
                case "data_offsets" -> offsets = readNumbers(name, field, 2);
                default -> json.skipChildren();
            }
        }
        if (dtype == null || shape == null || offsets == null) {
            String missing = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
            throw bad("tensor " + quoted(name) + " has no " + missing);
        }
        if (offsets.length != 2) {
            throw bad("tensor " + quoted(name) + " has " + offsets.length + " data_offsets instead of 2");
        }
        checkBytes(name, dtype, shape, offsets);
        return new TensorInfo(name, dtype, new Shape(shape), offsets[0], offsets[1]);
    }

    private DType readType(String name) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw bad("tensor " + quoted(name) + " has a dtype that is not a string");
        }
        DType type = DType.named(json.getText());
        if (type == null) {
            throw bad("tensor " + quoted(name) + " has the unknown dtype " + quoted(json.getText()) + " (known: "
                    + Arrays.toString(DType.values()) + ")");
        }
        return type;
    }

    private long[] readNumbers(String name, String field, int most) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw bad("tensor " + quoted(name) + " has a " + field + " that is not a list");
        }
        long[] numbers = new long[most];
        int count = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (count == most) {
                throw bad("tensor " + quoted(name) + " has more than " + most + " entries in " + field);
            }
            numbers[count++] = readNumber(name, field);
        }
        return Arrays.copyOf(numbers, count);
    }

    /** A plain whole number: no sign, no fraction, no exponent, below 2^63. */
    private long readNumber(String name, String field) throws IOException {
        boolean whole = json.currentToken() == JsonToken.VALUE_NUMBER_INT
                && json.getText().charAt(0) != '-'
                && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        if (!whole) {
            throw bad("tensor " + quoted(name) + " has " + quoted(json.getText()) + " in " + field
                    + ", which is not a whole number from 0 to 2^63-1");
        }
        return json.getLongValue();
    }

    private void checkBytes(String name, DType dtype, long[] shape, long[] offsets) {
        long bits = dtype.bits();
        boolean empty = false;
        try {
            for (long dimension : shape) {
                // Zeros last: they must not hide that the other dimensions overflow.
                if (dimension == 0) {
                    empty = true;
                } else {
                    bits = Math.multiplyExact(bits, dimension);
                }
            }
        } catch (ArithmeticException e) {
            throw bad("tensor " + quoted(name) + " has the shape " + Arrays.toString(shape) + ", too large to address");
        }
        bits = empty ? 0 : bits;
        if (bits % Byte.SIZE != 0) {
            throw bad("tensor " + quoted(name) + " of " + dtype + " does not end at a byte boundary");
        }
        long begin = offsets[0];
        long end = offsets[1];
        if (begin > end || end - begin != bits / Byte.SIZE) {
            throw bad("tensor " + quoted(name) + " has data_offsets " + Arrays.toString(offsets) + ", but shape "
                    + Arrays.toString(shape) + " of " + dtype + " takes " + bits / Byte.SIZE + " bytes");
        }
    }

    private void checkTiling(long dataBytes) {
        long expected = 0;
        for (TensorInfo tensor : tensors) {
            if (tensor.begin() != expected) {
                throw bad("tensor " + quoted(tensor.name()) + " begins at byte " + tensor.begin()
                        + " of the data where byte " + expected + " is next: tensors overlap or leave a hole");
            }
            expected = tensor.end();
        }
        if (expected != dataBytes) {
            throw bad("the header describes " + expected + " bytes of data, the file holds " + dataBytes
                    + ": it is cut short or something is appended");
        }
    }

    private DataFormatException bad(String reason) {
        return new DataFormatException(file, 0, reason);
    }

    /** A name out of the file, made safe for one line of a message. */
    static String quoted(String name) {
        String shown = name.length() <= 120 ? name : name.substring(0, 120) + "...";
        return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(shown)) + '"';
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "unreadable" : message.lines().findFirst().orElse("unreadable");
    }
}
