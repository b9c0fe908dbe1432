package org.rlhf4j.preference.clean;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;

/** A step at work: keeps rows or says why not, each by itself or after having looked at all of them. */
abstract class RowFilter implements AutoCloseable {
    /** Keeps every row. */
    static final RowFilter KEEP_ALL = new RowFilter() {
        @Override
        @Nullable
        Removed judge(int number, Located<Row> row) {
            return null;
        }
    };

    /**
     * Why a row is not kept.
     *
     * @param reason a word that is counted, such as {@code too-long}
     * @param detail what exactly, in one line
     */
    record Removed(String reason, String detail) {}

    /** Whether {@link #look} must have seen every row before the first one is judged. */
    boolean looksFirst() {
        return false;
    }

    /**
     * Takes note of a row; the rows come in the order in which they will be judged.
     *
     * @param number 0, 1, ...
     * @param row the row
     */
    void look(int number, Located<Row> row) {}

    /** Called once, after the last look and before the first judgement. */
    void decide() {}

    /**
     * Keeps a row or not.
     *
     * @param number 0, 1, ..., as in {@link #look}
     * @param row the row
     * @return null to keep it
     */
    abstract @Nullable Removed judge(int number, Located<Row> row);

    /** What else is worth recording, by name, once all rows are judged. */
    Map<String, Object> figures() {
        return Map.of();
    }

    @Override
    public void close() {}
}
