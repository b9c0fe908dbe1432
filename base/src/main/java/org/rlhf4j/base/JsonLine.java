package org.rlhf4j.base;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/** What stands in one row of a data file: a value, or the reason why there is none. */
public sealed interface JsonLine permits JsonLine.Value, JsonLine.Bad {
    /**
     * A row that parsed.
     *
     * @param file the file as the user named it
     * @param line the line of its first character, counted from 1
     * @param value the value; not necessarily an object
     */
    record Value(String file, long line, JsonNode value) implements JsonLine {
        @Override
        public JsonNode orThrow() {
            return value;
        }

        @Override
        public JsonFields fields() {
            return JsonFields.of(value, file, line);
        }

        @Override
        public Optional<DataFormatException> problem() {
            return Optional.empty();
        }
    }

    /**
     * A row that cannot be used; the rows after it can.
     *
     * @param file the file as the user named it
     * @param line the line of its first character, counted from 1
     * @param exception what is wrong, with file and line
     */
    record Bad(String file, long line, DataFormatException exception) implements JsonLine {
        @Override
        public JsonNode orThrow() {
            throw exception;
        }

        @Override
        public JsonFields fields() {
            throw exception;
        }

        @Override
        public Optional<DataFormatException> problem() {
            return Optional.of(exception);
        }
    }

    /** The file as the user named it. */
    String file();

    /** The line of the row's first character, counted from 1. */
    long line();

    /** The value, or the exception thrown. */
    JsonNode orThrow();

    /** The value's fields; throws the row's exception, or one that says that the value is no object. */
    JsonFields fields();

    /** What is wrong, if anything. */
    Optional<DataFormatException> problem();
}
