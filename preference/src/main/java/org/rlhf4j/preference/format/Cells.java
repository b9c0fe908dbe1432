package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.container.CellNode;

/**
 * Values that may be cells of a table without types: there, and only there, {@code 3} is a number, {@code True} a truth
 * value and {@code [{"role": ...}]} a list of messages. A string of a JSON file stays a string.
 */
final class Cells {
    /** A JSON number; not what else {@link Double#parseDouble} takes, such as {@code 0x1p3} and {@code 1d}. */
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private Cells() {}

    /** Whether there is no value: no field, null, or a cell without text. */
    static boolean isAbsent(@Nullable JsonNode value) {
        return value == null
                || value.isNull()
                || (value instanceof CellNode && value.textValue().isEmpty());
    }

    /** The number that a value is; null if it is none. */
    static @Nullable JsonNode number(JsonNode value) {
        if (value.isNumber()) {
            return value;
        }
        return value instanceof CellNode && NUMBER.matcher(value.textValue()).matches() ? json(value) : null;
    }

    /** The integer that a value is, which pandas writes as {@code 1.0} beside missing ones; null if it is none. */
    static @Nullable Long whole(JsonNode value) {
        JsonNode number = number(value);
        if (number == null) {
            return null;
        }
        if (number.isIntegralNumber()) {
            return number.canConvertToLong() ? number.longValue() : null;
        }
        double real = number.doubleValue();
        return real == Math.rint(real) && Math.abs(real) <= Integer.MAX_VALUE ? (long) real : null;
    }

    /** The truth value that a value is; null if it is none. */
    static @Nullable Boolean bool(JsonNode value) {
        if (value.isBoolean()) {
            return value.booleanValue();
        }
        if (value instanceof CellNode) {
            return switch (value.textValue()) {
                case "true", "True", "TRUE" -> true;
                case "false", "False", "FALSE" -> false;
                default -> null;
            };
        }
        return null;
    }

    /** The list that a cell holds as JSON where it holds one of objects; otherwise the value as it is. */
    static JsonNode messages(JsonNode value) {
        if (value instanceof CellNode && value.textValue().startsWith("[{")) {
            JsonNode list = json(value);
            return list == null ? value : list;
        }
        return value;
    }

    private static @Nullable JsonNode json(JsonNode cell) {
        try {
            return Json.parse(cell.textValue(), Json.Size.ROW);
        } catch (DataFormatException e) {
            return null;
        }
    }
}
