package org.rlhf4j.base;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a JSON object, read by name and type, with errors that name the place and the field:
 * {@code rows.jsonl:17: field "rank" must be an integer but is a string}.
 *
 * <p>An optional field that is absent and one that is {@code null} are the same; a required field must be there and not
 * null. A value is never converted: {@code "3"} is not a number and 1.0 is not an integer.
 */
public final class JsonFields {
    private final ObjectNode node;
    private final String prefix;
    private final String file;
    private final long line;

    private JsonFields(ObjectNode node, String prefix, String file, long line) {
        this.node = node;
        this.prefix = prefix;
        this.file = file;
        this.line = line;
    }

    /**
     * The fields of a row or document.
     *
     * @param value must be a JSON object
     * @param file the file, for messages; empty when there is none
     * @param line the line counted from 1, for messages; 0 when no line applies
     * @return its fields
     * @throws DataFormatException if the value is not an object
     */
    public static JsonFields of(JsonNode value, String file, long line) {
        if (value instanceof ObjectNode object) {
            return new JsonFields(object, "", file, line);
        }
        throw new DataFormatException(file, line, "must be a JSON object but is " + Json.describe(value));
    }

    /**
     * The fields of an object inside another value, whose place is not known here.
     *
     * @param value must be a JSON object
     * @param path where it stands, such as {@code messages[2]}
     * @return its fields
     * @throws DataFormatException without a place, if the value is not an object
     */
    public static JsonFields nested(JsonNode value, String path) {
        return nested(value, path, "", 0);
    }

    private static JsonFields nested(JsonNode value, String path, String file, long line) {
        if (value instanceof ObjectNode object) {
            return new JsonFields(object, path + ".", file, line);
        }
        throw new DataFormatException(file, line, wrongType(path, "an object", value));
    }

    /** Whether the field is there and not null. */
    public boolean has(String name) {
        return node.hasNonNull(name);
    }

    /** The names of all fields, null ones too, in the order of the file. */
    public List<String> names() {
        List<String> names = new ArrayList<>(node.size());
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** The object itself. */
    public ObjectNode node() {
        return node;
    }

    /** The value of a field that must be there and not null. */
    public JsonNode required(String name) {
        JsonNode value = node.get(name);
        if (value == null) {
            throw fail("field \"" + prefix + name + "\" is missing");
        }
        if (value.isNull()) {
            throw fail("field \"" + prefix + name + "\" is null");
        }
        return value;
    }

    /** The value of a field, or null when it is absent or null. */
    public @Nullable JsonNode optional(String name) {
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? null : value;
    }

    /** A required string. */
    public String text(String name) {
        return text(name, required(name));
    }

    /** A string, or null when the field is absent or null. */
    public @Nullable String optionalText(String name) {
        JsonNode value = optional(name);
        return value == null ? null : text(name, value);
    }

    /** A string, or the fallback when the field is absent or null. */
    public String text(String name, String fallback) {
        JsonNode value = optional(name);
        return value == null ? fallback : text(name, value);
    }

    /** A required number, as a double. */
    public double number(String name) {
        return number(name, required(name));
    }

    /** A number, or nothing when the field is absent or null. */
    public OptionalDouble optionalNumber(String name) {
        JsonNode value = optional(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(number(name, value));
    }

    /** A number, or the fallback when the field is absent or null. */
    public double number(String name, double fallback) {
        return optionalNumber(name).orElse(fallback);
    }

    /** A required integer of up to 64 bits. */
    public long integer(String name) {
        return integer(name, required(name));
    }

    /** An integer, or nothing when the field is absent or null. */
    public OptionalLong optionalInteger(String name) {
        JsonNode value = optional(name);
        return value == null ? OptionalLong.empty() : OptionalLong.of(integer(name, value));
    }

    /** An integer, or the fallback when the field is absent or null. */
    public long integer(String name, long fallback) {
        return optionalInteger(name).orElse(fallback);
    }

    /** A required integer of up to 32 bits. */
    public int int32(String name) {
        return int32(name, required(name));
    }

    /** An integer of up to 32 bits, or the fallback when the field is absent or null. */
    public int int32(String name, int fallback) {
        JsonNode value = optional(name);
        return value == null ? fallback : int32(name, value);
    }

    /** A required true or false. */
    public boolean bool(String name) {
        return bool(name, required(name));
    }

    /** True or false, or the fallback when the field is absent or null. */
    public boolean bool(String name, boolean fallback) {
        JsonNode value = optional(name);
        return value == null ? fallback : bool(name, value);
    }

    /** A required object. */
    public JsonFields object(String name) {
        return nested(required(name), prefix + name, file, line);
    }

    /** An object, or null when the field is absent or null. */
    public @Nullable JsonFields optionalObject(String name) {
        JsonNode value = optional(name);
        return value == null ? null : nested(value, prefix + name, file, line);
    }

    /** The values of a required array. */
    public List<JsonNode> array(String name) {
        JsonNode value = required(name);
        if (!value.isArray()) {
            throw fail(wrongType(prefix + name, "an array", value));
        }
        List<JsonNode> values = new ArrayList<>(value.size());
        value.forEach(values::add);
        return values;
    }

    /** The objects of a required array; a value that is no object is refused with its index. */
    public List<JsonFields> objects(String name) {
        List<JsonFields> objects = new ArrayList<>();
        for (JsonNode value : array(name)) {
            objects.add(nested(value, prefix + name + "[" + objects.size() + "]", file, line));
        }
        return objects;
    }

    /** The integers of a required array; anything else in it is refused with its index. */
    public long[] integers(String name) {
        List<JsonNode> values = array(name);
        long[] integers = new long[values.size()];
        for (int i = 0; i < integers.length; i++) {
            integers[i] = integer(name + "[" + i + "]", values.get(i));
        }
        return integers;
    }

    /** The strings of a required array; anything else in it is refused with its index. */
    public List<String> texts(String name) {
        List<String> texts = new ArrayList<>();
        for (JsonNode value : array(name)) {
            texts.add(text(name + "[" + texts.size() + "]", value));
        }
        return texts;
    }

    /** A required string or list of messages. */
    public Content content(String name) {
        return content(name, required(name));
    }

    /** A string or list of messages, or null when the field is absent or null. */
    public @Nullable Content optionalContent(String name) {
        JsonNode value = optional(name);
        return value == null ? null : content(name, value);
    }

    /**
     * Refuses every field that is not in the list, naming the nearest one that is.
     *
     * @param known the names that are allowed
     * @throws DataFormatException if there is another field
     */
    public void allowOnly(Collection<String> known) {
        for (String name : names()) {
            if (!known.contains(name)) {
                String within = prefix.isEmpty() ? "" : " in \"" + prefix.substring(0, prefix.length() - 1) + "\"";
                throw fail(NearestName.unknown("field", name, known) + within);
            }
        }
    }

    /**
     * An error about one field's value, to be thrown: {@code field "rank" must be at least 1 but is 0}.
     *
     * @param name the field
     * @param rest what follows the field's name in the sentence
     * @return the exception with file and line
     */
    public DataFormatException problem(String name, String rest) {
        return fail("field \"" + prefix + name + "\" " + rest);
    }

    /**
     * An error about the object as a whole, to be thrown.
     *
     * @param reason the sentence
     * @return the exception with file and line
     */
    public DataFormatException fail(String reason) {
        return new DataFormatException(file, line, reason);
    }

    private String text(String name, JsonNode value) {
        if (!value.isTextual()) {
            throw fail(wrongType(prefix + name, "a string", value));
        }
        return value.textValue();
    }

    private double number(String name, JsonNode value) {
        if (!value.isNumber()) {
            throw fail(wrongType(prefix + name, "a number", value));
        }
        return value.doubleValue();
    }

    private long integer(String name, JsonNode value) {
        if (!value.isIntegralNumber()) {
            throw fail(wrongType(prefix + name, "an integer", value));
        }
        if (!value.canConvertToLong()) {
            throw problem(name, "is beyond 64 bits");
        }
        return value.longValue();
    }

    private int int32(String name, JsonNode value) {
        long number = integer(name, value);
        if (number != (int) number) {
            throw problem(name, "is " + number + ", beyond 32 bits");
        }
        return (int) number;
    }

    private boolean bool(String name, JsonNode value) {
        if (!value.isBoolean()) {
            throw fail(wrongType(prefix + name, "true or false", value));
        }
        return value.booleanValue();
    }

    private Content content(String name, JsonNode value) {
        try {
            return Content.fromJson(value, prefix + name);
        } catch (DataFormatException e) {
            throw e.at(file, line);
        }
    }

    private static String wrongType(String path, String wanted, JsonNode value) {
        return "field \"" + path + "\" must be " + wanted + " but is " + Json.describe(value);
    }
}
