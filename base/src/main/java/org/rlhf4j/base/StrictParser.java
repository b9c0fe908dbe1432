package org.rlhf4j.base;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A parser that also refuses what Jackson lets through: numbers beyond a double, halves of surrogate pairs. */
final class StrictParser extends JsonParserDelegate {
    /** A double reaches 1.8e308: an integer of up to 308 digits fits. */
    private static final int MAX_SAFE_DIGITS = 308;

    private final int firstColumn;

    StrictParser(JsonParser parser, int firstColumn) {
        super(parser);
        this.firstColumn = firstColumn;
    }

    @Override
    public @Nullable JsonToken nextToken() throws IOException {
        JsonToken token = super.nextToken();
        if (token == null) {
            return null;
        }
        switch (token) {
            case VALUE_NUMBER_FLOAT -> requireFinite(getDoubleValue());
            case VALUE_NUMBER_INT -> {
                // Asking for the double of an integer would make the parser forget its digits, so only where it
                // matters.
                if (getTextLength() > MAX_SAFE_DIGITS) {
                    requireFinite(Double.parseDouble(getText()));
                }
            }
            case FIELD_NAME -> {
                if (!Surrogates.paired(currentName())) {
                    throw refuse("the key has half of a surrogate pair, which is no character");
                }
            }
            case VALUE_STRING -> {
                if (!Surrogates.paired(getText())) {
                    throw refuse("the string has half of a surrogate pair, which is no character");
                }
            }
            default -> {
                // The other tokens carry no value of their own.
            }
        }
        return token;
    }

    private void requireFinite(double number) {
        if (!Double.isFinite(number)) {
            throw refuse("the number overflows a double");
        }
    }

    private DataFormatException refuse(String what) {
        return JsonProblem.at(what, currentTokenLocation(), firstColumn);
    }
}
