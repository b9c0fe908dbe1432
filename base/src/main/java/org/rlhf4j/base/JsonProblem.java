package org.rlhf4j.base;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns Jackson's exceptions into one short line. */
final class JsonProblem {
    private static final int MAX_LENGTH = 200;
    private static final Pattern START_MARKER = Pattern.compile(" \\(start marker at \\[.*?]\\)");
    private static final Pattern LIMIT_SOURCE = Pattern.compile(", from `[^`]*`");
    private static final Pattern FEATURE_HINT = Pattern.compile(": enable `[^`]*` to allow");
    private static final Pattern NOT_PRINTABLE = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]+");

    private JsonProblem() {}

    static DataFormatException of(JsonProcessingException e) {
        String message = e.getOriginalMessage() == null ? "malformed" : e.getOriginalMessage();
        message = START_MARKER.matcher(message).replaceAll("");
        message = LIMIT_SOURCE.matcher(message).replaceAll("");
        message = FEATURE_HINT.matcher(message).replaceAll(" is not JSON");
        message = NOT_PRINTABLE.matcher(message).replaceAll(" ").strip();
        if (message.length() > MAX_LENGTH) {
            message = message.substring(0, MAX_LENGTH) + "...";
        }
        String kind = e instanceof StreamConstraintsException ? "beyond the limits" : "malformed JSON";
        return at(kind + ": " + message, e.getLocation(), e);
    }

    static DataFormatException at(String what, @Nullable JsonLocation location, @Nullable Throwable cause) {
        if (location == null || location.getColumnNr() < 1) {
            return new DataFormatException("", 0, what, cause);
        }
        long line = location.getLineNr() > 1 ? location.getLineNr() : 0;
        return new DataFormatException("", line, what + " (column " + location.getColumnNr() + ")", cause);
    }
}
