package org.rlhf4j.preference;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a format made of one JSON object.
 *
 * @param row the row; null where a problem of the severity error refuses it
 * @param problems all problems found, warnings too
 * @param unused the fields that were not used and are in no output
 */
public record ParsedRow(@Nullable Row row, List<Problem> problems, List<String> unused) {
    /** Copies the lists. */
    public ParsedRow {
        problems = List.copyOf(problems);
        unused = List.copyOf(unused);
    }
}
