package org.rlhf4j.base;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A parser that also refuses what Jackson lets through: numbers beyond a double, halves of surrogate pairs. */
final class StrictParser extends JsonParserDelegate {
    StrictParser(JsonParser parser) {
        super(parser);
    }

    @Override
    public @Nullable JsonToken nextToken() throws IOException {
        JsonToken token = super.nextToken();
        if (token == null) {
            return null;
        }
        switch (token) {
            case VALUE_NUMBER_FLOAT, VALUE_NUMBER_INT -> {
                if (!Double.isFinite(getDoubleValue())) {
                    throw Json.problem("the number does not fit a double", this);
                }
            }
            case FIELD_NAME -> requirePaired(currentName(), "key");
            case VALUE_STRING -> requirePaired(getText(), "string");
            default -> {
                // The other tokens carry no value of their own.
            }
        }
        return token;
    }

    private void requirePaired(String text, String kind) throws IOException {
        int i = 0;
        while (i < text.length()) {
            int point = text.codePointAt(i);
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                throw Json.problem("the " + kind + " has half a surrogate pair, which is no character", this);
            }
            i += Character.charCount(point);
        }
    }
}
