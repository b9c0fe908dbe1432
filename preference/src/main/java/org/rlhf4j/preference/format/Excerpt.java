package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Pattern;
import org.rlhf4j.base.Json;

/** A few characters of a row, safe to print on one line and without unpaired surrogates. */
public final class Excerpt {
    private static final int MAX_CHARS = 120;
    private static final int MAX_FIELD_CHARS = 36;
    private static final int TAIL_CHARS = 12;
    private static final Pattern NOT_PRINTABLE = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029\\p{Cf}]");

    private Excerpt() {}

    /** The start of a row: of an object both ends of each string, so that what is wrong is likely to be seen. */
    public static String of(JsonNode row) {
        if (!(row instanceof ObjectNode object)) {
            return of(Json.write(row));
        }
        StringBuilder text = new StringBuilder("{");
        object.properties().forEach(field -> {
            if (text.length() < MAX_CHARS) {
                String value = field.getValue().isTextual()
                        ? Json.write(ends(field.getValue().textValue()))
                        : cut(Json.write(field.getValue()), MAX_FIELD_CHARS);
                text.append(text.length() > 1 ? "," : "");
                text.append(Json.write(cut(field.getKey(), MAX_FIELD_CHARS)))
                        .append(':')
                        .append(value);
            }
        });
        return of(text.append('}').toString());
    }

    /** The start of a text, with what a terminal would act on replaced by a space. */
    public static String of(String text) {
        return NOT_PRINTABLE.matcher(cut(text, MAX_CHARS)).replaceAll(" ");
    }

    private static String ends(String text) {
        if (text.length() <= MAX_FIELD_CHARS) {
            return text;
        }
        int tail = text.length() - TAIL_CHARS;
        String end = text.substring(Character.isLowSurrogate(text.charAt(tail)) ? tail + 1 : tail);
        return cut(text, MAX_FIELD_CHARS - TAIL_CHARS) + end;
    }

    private static String cut(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
        return text.substring(0, end) + "...";
    }
}
