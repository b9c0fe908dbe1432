package org.rlhf4j.base;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns Jackson's exceptions into one short line. */
final class JsonProblem {
    private static final int MAX_LENGTH = 200;
    private static final Pattern START_MARKER =
            Pattern.compile(" \\((?:start marker|for \\w+ starting) at \\[Source:.*?]\\)");
    private static final Pattern LIMIT_SOURCE = Pattern.compile(", from `[^`]*`");
    private static final Pattern FEATURE_HINT = Pattern.compile(": enable `[^`]*` to allow");
    private static final Pattern FEATURE_ADVICE = Pattern.compile(" \\(consider enabling `.*$");
    private static final Pattern NOT_PRINTABLE = Pattern.compile("[\\p{Cntrl}\\u0085\\u2028\\u2029]+");

    private static final Pattern HALF = Pattern.compile("\\p{Cs}");

    private JsonProblem() {}

    /** What Jackson reports for a text whose first character stands in a given column. */
    static DataFormatException of(JsonProcessingException e, int firstColumn) {
        if (e.getOriginalMessage().startsWith("Trailing token")) {
            return at("more text after the JSON value", e.getLocation(), firstColumn, e);
        }
        String kind = e instanceof StreamConstraintsException ? "beyond the limits of JSON here: " : "malformed JSON: ";
        return at(kind + clean(e.getOriginalMessage()), e.getLocation(), firstColumn, e);
    }

    static DataFormatException at(String what, JsonLocation location, int firstColumn) {
        return at(what, location, firstColumn, null);
    }

    private static DataFormatException at(
            String what, @Nullable JsonLocation location, int firstColumn, @Nullable Throwable cause) {
        if (location == null || location.getColumnNr() < 1) {
            return new DataFormatException("", 0, what, cause);
        }
        boolean firstLine = location.getLineNr() <= 1;
        int column = location.getColumnNr() + (firstLine ? firstColumn - 1 : 0);
        return new DataFormatException(
                "", firstLine ? 0 : location.getLineNr(), what + " (column " + column + ")", cause);
    }

    private static String clean(String message) {
        String text = START_MARKER.matcher(message).replaceAll("");
        text = LIMIT_SOURCE.matcher(text).replaceAll("");
        text = FEATURE_HINT.matcher(text).replaceAll(" is not JSON");
        text = FEATURE_ADVICE.matcher(text).replaceAll("");
        text = NOT_PRINTABLE.matcher(text).replaceAll(" ").strip();
        text = text.length() <= MAX_LENGTH ? text : text.substring(0, MAX_LENGTH) + "...";
        // Jackson names characters beyond 16 bits by their first half, and a cut may fall between two halves.
        return HALF.matcher(text).replaceAll("\uFFFD");
    }
}
