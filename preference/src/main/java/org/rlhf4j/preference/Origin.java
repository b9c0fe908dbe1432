package org.rlhf4j.preference;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * What a row is called and where its judgement comes from.
 *
 * @param id a name for the row, or null
 * @param source the data set it comes from, or null
 * @param annotator who preferred one completion to another: a person or a model, or null
 */
public record Origin(
        @Nullable String id,
        @Nullable String source,
        @Nullable String annotator) {
    /** Nothing known. */
    public static final Origin NONE = new Origin(null, null, null);

    /** A row with a name and nothing else known. */
    public static Origin ofId(String id) {
        return new Origin(id, null, null);
    }

    /** The origin of one of several rows made of a named one, counted from 1: {@code r/1}. */
    public Origin numbered(int number) {
        return id == null ? this : new Origin(id + "/" + number, source, annotator);
    }

    /** Writes what is known as the fields {@code id}, {@code source} and {@code annotator}. */
    void putInto(ObjectNode row) {
        if (id != null) {
            row.put("id", id);
        }
        if (source != null) {
            row.put("source", source);
        }
        if (annotator != null) {
            row.put("annotator", annotator);
        }
    }
}
