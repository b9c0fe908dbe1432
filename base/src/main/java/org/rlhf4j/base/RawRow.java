package org.rlhf4j.base;

import org.jspecify.annotations.Nullable;

/** A row cut out of a file and not parsed yet. */
final class RawRow {
    private final long line;
    private final int column;
    private final byte @Nullable [] bytes;

    /**
     * A row.
     *
     * @param line the line of its first byte
     * @param column the column of that byte, counted from 1 in characters
     * @param bytes what it holds; null if that is longer than is allowed
     */
    RawRow(long line, int column, byte @Nullable [] bytes) {
        this.line = line;
        this.column = column;
        this.bytes = bytes;
    }

    /** How many bytes it holds. */
    int size() {
        return bytes == null ? 0 : bytes.length;
    }

    /** The row parsed. */
    JsonLine parse(String file, int maxBytes) {
        if (bytes == null) {
            String reason = "the row is longer than " + maxBytes + " bytes";
            return new JsonLine.Bad(file, line, new DataFormatException(file, line, reason));
        }
        try {
            return new JsonLine.Value(file, line, Json.parseRow(bytes, column));
        } catch (DataFormatException e) {
            // A line within the row becomes a line of the file.
            long place = line + Math.max(0, e.line() - 1);
            return new JsonLine.Bad(file, line, new DataFormatException(file, place, e.reason(), e.getCause()));
        }
    }
}
