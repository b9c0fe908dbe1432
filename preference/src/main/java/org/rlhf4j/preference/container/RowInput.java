package org.rlhf4j.preference.container;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.JsonLine;
import org.rlhf4j.base.JsonLines;

/**
 * The rows of one file, each as a JSON object whatever the file is.
 *
 * <p>Memory depends on the largest row or page, not on the file. A row that cannot be read is a {@link JsonLine.Bad} and
 * reading goes on behind it; where there is no way to go on, {@link #hasNext()} throws a
 * {@link org.rlhf4j.base.DataFormatException}. The line of a row is that of its first character; of a container without
 * lines, such as Parquet, the number of the row from 1.
 */
public interface RowInput extends Iterator<JsonLine>, AutoCloseable {
    /** The file as the user named it. */
    String file();

    /** What the file is, such as {@code JSON Lines} or {@code Parquet}, with how it is packed. */
    String container();

    /** The rows as lines of JSON that can be parsed by any thread; null where reading and parsing are one. */
    default @Nullable JsonLines jsonLines() {
        return null;
    }

    /** Whether all rows have the same columns, as in a table: what a row has not got is then an empty cell. */
    default boolean hasColumns() {
        return false;
    }

    @Override
    void close();
}
