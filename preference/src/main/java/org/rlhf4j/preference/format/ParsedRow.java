package org.rlhf4j.preference.format;

import java.util.List;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.Row;

/**
 * What a format made of one JSON object, or of several that belong together.
 *
 * @param rows the rows; none where a problem of the severity error refuses the object, and where it holds nothing to
 *     compare, which a problem of the severity note says
 * @param problems all problems found, warnings and notes too
 * @param unused the fields that were not used and are in no output
 */
public record ParsedRow(List<Row> rows, List<Problem> problems, List<String> unused) {
    /** Copies the lists. */
    public ParsedRow {
        rows = List.copyOf(rows);
        problems = List.copyOf(problems);
        unused = List.copyOf(unused);
    }

    /** A row refused for one reason. */
    public static ParsedRow refused(Problem problem) {
        return new ParsedRow(List.of(), List.of(problem), List.of());
    }

    /** Whether a problem refuses it. */
    public boolean isRefused() {
        return problems.stream().anyMatch(problem -> problem.rule().isError());
    }
}
