package org.rlhf4j.preference.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.rlhf4j.base.DataFormatException;

/** Writes rows to a file of some container. */
public interface RowWriter {
    /**
     * Writes plain JSON Lines.
     *
     * @param out where to; it stays open
     * @return the writer, to be finished
     */
    static RowWriter plain(OutputStream out) {
        return new JsonLinesWriter(out, out);
    }

    /**
     * Writes what a file name asks for: Parquet when it ends in {@code .parquet}, JSON Lines packed by gzip or zstd when
     * it ends in {@code .gz} or {@code .zst}, otherwise plain JSON Lines.
     *
     * @param out where to; it stays open
     * @param file the name
     * @return the writer, to be finished
     * @throws DataFormatException if it asks for a container that is read but not written
     * @throws IOException if nothing can be written
     */
    static RowWriter named(OutputStream out, Path file) throws IOException {
        String name = file.toString().toLowerCase(Locale.ROOT);
        String plain = name.replaceFirst("\\.(gz|zst)$", "");
        boolean parquet = plain.endsWith(".parquet");
        if (plain.endsWith(".csv") || plain.endsWith(".tsv") || (parquet && !name.equals(plain))) {
            throw new DataFormatException(
                    file.toString(),
                    0,
                    "rows are written as JSON Lines (.jsonl, .jsonl.gz, .jsonl.zst) or Parquet (.parquet)");
        }
        if (parquet) {
            return new ParquetRowWriter(out, file.toString());
        }
        if (name.endsWith(".zst")) {
            return JsonLinesWriter.zstd(out);
        }
        return name.endsWith(".gz") ? JsonLinesWriter.gzip(out) : plain(out);
    }

    /**
     * Says which columns the rows have, before the first one is written. A row may lack some, which are null then.
     *
     * @param columns the columns; JSON Lines does without them
     */
    default void columns(List<Column> columns) {}

    /** Whether all rows must have the same columns, which must be known before the first one. */
    default boolean needsColumns() {
        return false;
    }

    /** A row made ready to be written. */
    interface Line {}

    /**
     * Makes a row ready to be written, which any thread may do.
     *
     * @param row the row, not changed afterwards
     * @return what {@link #write(Line)} of this writer takes
     */
    Line line(ObjectNode row);

    /**
     * Writes one row.
     *
     * @param line the row, made ready by this writer
     * @throws DataFormatException naming the file, if the container has no place for it
     * @throws IOException if it cannot be written
     */
    void write(Line line) throws IOException;

    /**
     * Writes one row.
     *
     * @param row the row
     * @throws DataFormatException naming the file, if the container has no place for it
     * @throws IOException if it cannot be written
     */
    default void write(ObjectNode row) throws IOException {
        write(line(row));
    }

    /** How many rows were written. */
    long rows();

    /**
     * Writes what is still held back; without it the end is missing.
     *
     * @throws IOException if it cannot be written
     */
    void finish() throws IOException;
}
