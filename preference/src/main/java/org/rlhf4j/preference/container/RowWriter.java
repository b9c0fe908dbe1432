package org.rlhf4j.preference.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;

/** Writes rows as JSON Lines: UTF-8, one object a line, each line ended by \n. */
public final class RowWriter {
    private static final int BUFFER_BYTES = 1 << 16;

    private final OutputStream out;
    private final @Nullable GZIPOutputStream gzip;
    private final OutputStream buffered;
    private long rows;

    private RowWriter(OutputStream out, @Nullable GZIPOutputStream gzip) {
        this.out = out;
        this.gzip = gzip;
        this.buffered = new BufferedOutputStream(gzip == null ? out : gzip, BUFFER_BYTES);
    }

    /**
     * Writes plain JSON Lines.
     *
     * @param out where to; it stays open
     * @return the writer, to be finished
     */
    public static RowWriter plain(OutputStream out) {
        return new RowWriter(out, null);
    }

    /**
     * Writes what a file name asks for: gzip when it ends in {@code .gz}, otherwise plain.
     *
     * @param out where to; it stays open
     * @param file the name
     * @return the writer, to be finished
     * @throws IOException if nothing can be written
     */
    public static RowWriter named(OutputStream out, Path file) throws IOException {
        if (!file.toString().toLowerCase(Locale.ROOT).endsWith(".gz")) {
            return plain(out);
        }
        return new RowWriter(out, new GZIPOutputStream(out, BUFFER_BYTES));
    }

    /** A row made ready to be written. */
    public static final class Line {
        private final byte[] bytes;

        private Line(byte[] bytes) {
            this.bytes = bytes;
        }
    }

    /**
     * Makes a row ready to be written, which any thread may do.
     *
     * @param row the row
     * @return what {@link #write(Line)} takes
     */
    public Line line(ObjectNode row) {
        return new Line(Json.writeUtf8(row));
    }

    /**
     * Writes one row.
     *
     * @param line the row
     * @throws IOException if it cannot be written
     */
    public void write(Line line) throws IOException {
        buffered.write(line.bytes);
        buffered.write('\n');
        rows++;
    }

    /**
     * Writes one row.
     *
     * @param row the row
     * @throws IOException if it cannot be written
     */
    public void write(ObjectNode row) throws IOException {
        write(line(row));
    }

    /** How many rows were written. */
    public long rows() {
        return rows;
    }

    /**
     * Writes what is still held back; without it the end is missing.
     *
     * @throws IOException if it cannot be written
     */
    public void finish() throws IOException {
        buffered.flush();
        if (gzip != null) {
            gzip.finish();
        }
        out.flush();
    }
}
