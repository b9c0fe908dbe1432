package org.rlhf4j.base;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.List;

/**
 * Numbers in the JSON of a saved state, which come back to the bit: a double as the shortest decimal that means it alone, and
 * what JSON has no numbers for, NaN and the infinities, as text; 64 bits of a random generator as 16 hexadecimal digits.
 */
public final class ExactNumbers {
    private static final List<Double> AS_TEXT = List.of(Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
    private static final int HEX = 16;

    private ExactNumbers() {}

    /** A number, or the text {@code NaN}, {@code Infinity} or {@code -Infinity}. */
    public static JsonNode node(double value) {
        return Double.isFinite(value) ? DoubleNode.valueOf(value) : TextNode.valueOf(Double.toString(value));
    }

    /** An array of {@link #node(double)}; float32 values are widened, which is exact. */
    public static ArrayNode array(float[] values) {
        ArrayNode array = Json.array();
        for (float value : values) {
            array.add(node(value));
        }
        return array;
    }

    /** All 64 bits as hexadecimal digits. */
    public static String hex(long bits) {
        String digits = Long.toHexString(bits);
        return "0".repeat(HEX - digits.length()) + digits;
    }

    /**
     * The double that {@link #node(double)} wrote.
     *
     * @throws DataFormatException if the field is missing or something else
     */
    public static double number(JsonFields fields, String name) {
        return number(fields, name, fields.required(name));
    }

    /**
     * The values that {@link #array(float[])} wrote.
     *
     * @param count how many there have to be
     * @throws DataFormatException if the field is missing or something else
     */
    public static float[] floats(JsonFields fields, String name, int count) {
        List<JsonNode> values = fields.array(name);
        if (values.size() != count) {
            throw fields.problem(name, "has " + values.size() + " numbers where " + count + " are expected");
        }
        float[] floats = new float[count];
        for (int i = 0; i < count; i++) {
            floats[i] = (float) number(fields, name + "[" + i + "]", values.get(i));
        }
        return floats;
    }

    /**
     * The bits that {@link #hex(long)} wrote.
     *
     * @throws DataFormatException if the field is missing or something else
     */
    public static long bits(JsonFields fields, String name) {
        String digits = fields.text(name);
        if (!digits.matches("[0-9a-f]{16}")) {
            throw fields.problem(name, "must be 16 hexadecimal digits");
        }
        return Long.parseUnsignedLong(digits, HEX);
    }

    private static double number(JsonFields fields, String name, JsonNode value) {
        if (value.isNumber()) {
            return value.doubleValue();
        }
        for (double known : AS_TEXT) {
            if (value.isTextual() && value.textValue().equals(Double.toString(known))) {
                return known;
            }
        }
        throw fields.problem(
                name, "must be a number, \"NaN\", \"Infinity\" or \"-Infinity\" but is " + Json.describe(value));
    }
}
