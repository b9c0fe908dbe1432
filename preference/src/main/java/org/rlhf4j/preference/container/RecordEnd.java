package org.rlhf4j.preference.container;

/** Follows a record of a table, character by character, to the line end that stands in no quotes. */
final class RecordEnd {
    private final int delimiter;
    private boolean quoted;
    private boolean cellStarts = true;
    private boolean afterReturn;
    private boolean loneReturn;

    RecordEnd(char delimiter) {
        this.delimiter = delimiter;
    }

    /** Whether the record ends at this character; to be asked for each one in turn. */
    boolean endsAt(int character) {
        if (character == '\n' && !quoted) {
            return true;
        }
        loneReturn |= afterReturn;
        afterReturn = character == '\r' && !quoted;
        // A doubled quote closes and opens again, which comes to the same.
        if (character == '"' && (quoted || cellStarts)) {
            quoted = !quoted;
            cellStarts = !quoted;
        } else {
            cellStarts = !quoted && character == delimiter;
        }
        return false;
    }

    /** Whether a carriage return that no line feed follows stood in no quotes. */
    boolean hasLoneReturn() {
        return loneReturn;
    }

    /** Whether a quote is open. */
    boolean isQuoted() {
        return quoted;
    }
}
