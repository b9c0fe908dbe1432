package org.rlhf4j.preference.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.container.Column;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.read.RowScanner.Scanned;

/**
 * Refuses a row that differs from the first one in its fields or in what they hold, where all rows must be alike: a loader
 * that makes columns of them fails on the first one that does, or gives every row the fields of all.
 */
final class UniformRows {
    private final OutputLayout layout;
    private final RowWriter out;
    private final boolean needed;
    private List<Column> columns = List.of();
    private String place = "";

    UniformRows(OutputLayout layout, RowWriter out) {
        this.layout = layout;
        this.out = out;
        this.needed = layout.isUniform() || out.needsColumns();
    }

    /**
     * Checks a row before it is written; the first one says what the others must be.
     *
     * @throws DataFormatException that names its place and that of the first one
     */
    void require(Row.Kind kind, ObjectNode written, Scanned from) {
        if (!needed) {
            return;
        }
        List<Column> found = layout.columns(kind, written);
        if (columns.isEmpty()) {
            columns = found;
            place = from.file() + ":" + from.line();
            out.columns(columns);
        } else if (!columns.equals(found)) {
            // Both places stand in the text: the row is valid, and leaving out invalid ones would not help.
            throw new DataFormatException("the row of " + from.file() + ":" + from.line() + " has "
                    + describe(found, columns) + ", the one of " + place + " " + describe(columns, found)
                    + "; rows of one file must be alike, so convert them apart");
        }
    }

    private static String describe(List<Column> columns, List<Column> others) {
        return columns.stream()
                .filter(column -> !others.contains(column))
                .map(column -> "\"" + column.name() + "\" as " + describe(column.type()))
                .collect(Collectors.joining(" and "));
    }

    private static String describe(Column.Type type) {
        return switch (type) {
            case TEXT -> "a string";
            case MESSAGES -> "a list of messages";
            case TEXTS -> "a list of strings";
            case TRUTH -> "true or false";
            case TRUTHS -> "a list of true or false";
            case NUMBER -> "a number";
        };
    }
}
