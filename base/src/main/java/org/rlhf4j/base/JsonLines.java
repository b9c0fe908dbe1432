package org.rlhf4j.base;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads a data file row by row: JSON Lines or one JSON array, plain or packed by gzip or zstd, told apart by their first
 * bytes and never by the file's name. Memory depends on the largest row, not on the file.
 *
 * <p>Only {@code \n} ends a line; one {@code \r} before it is dropped, and a string may hold U+2028 and the like. The last
 * line needs no end. Blank lines are skipped, but counted. Every row obeys the rules of {@link Json}; one that does not is
 * returned as {@link JsonLine.Bad}, and reading goes on behind it. What leaves no way to go on (a cut-off or damaged packed
 * file, an array without its bracket, a failing disk) is thrown by {@link #hasNext()} and {@link #next()}, naming the last
 * complete row. UTF-16, archives and other formats are refused by name when the file is opened.
 */
public final class JsonLines implements Iterator<JsonLine>, AutoCloseable {
    /**
     * How much is read before it is refused.
     *
     * @param maxRowBytes the longest row, at most that of {@link Json.Size#ROW}; a longer one is a bad row
     * @param maxExpandedBytes how many bytes a packed file may expand to
     * @param maxExpansion how many times its size a packed file may expand to, after the first MiB
     */
    public record Limits(int maxRowBytes, long maxExpandedBytes, int maxExpansion) {
        /** Rows of 16 MiB; packed files that expand to 64 GiB, and by 200 times. */
        public static final Limits DEFAULT = new Limits(Json.Size.ROW.maxBytes(), 64L << 30, 200);

        /** Checks the ranges. */
        public Limits {
            if (maxRowBytes < 1 || maxRowBytes > Json.Size.ROW.maxBytes()) {
                throw new IllegalArgumentException(
                        "maxRowBytes is " + maxRowBytes + ", must be from 1 to " + Json.Size.ROW.maxBytes());
            }
            if (maxExpandedBytes < 1 || maxExpansion < 1) {
                throw new IllegalArgumentException("the limits of expansion must be positive");
            }
        }
    }

    /**
     * Rows that follow each other in the file, cut apart but not parsed yet, which any thread may do: cutting is fast, and
     * must be done by one.
     */
    public final class Batch {
        private final List<RawRow> rows = new ArrayList<>();
        private int bytes;

        private Batch() {}

        private void add(RawRow row) {
            rows.add(row);
            bytes += row.size();
        }

        /** How many bytes the rows have together. */
        public int bytes() {
            return bytes;
        }

        /** The rows parsed, in their order. */
        public List<JsonLine> parse() {
            return rows.stream().map(JsonLines.this::parsed).toList();
        }
    }

    /** How many bytes or rows a batch has before it is closed; its last row may exceed the former. */
    private static final int BATCH_BYTES = 1 << 16;

    private static final int BATCH_ROWS = 1 << 8;

    private final String file;
    private final ByteSource source;
    private final RowSplitter splitter;
    private final RowBuffer buffer;
    private final Limits limits;
    private final AtomicLong lastGood = new AtomicLong();
    private @Nullable JsonLine next;
    private @Nullable Exception failure;
    private boolean ended;

    private JsonLines(String file, ByteSource source, Limits limits) throws IOException {
        this.file = file;
        this.source = source;
        this.limits = limits;
        this.buffer = new RowBuffer(limits.maxRowBytes());
        this.splitter = splitter(source);
    }

    /**
     * Opens a file.
     *
     * @param path the file
     * @return its rows; close them
     * @throws DataFormatException if there is no such file, it cannot be read, or it is of another format
     */
    public static JsonLines open(Path path) {
        return open(path, Limits.DEFAULT);
    }

    /**
     * Opens a file with limits of one's own.
     *
     * @param path the file
     * @param limits how much is read before it is refused
     * @return its rows; close them
     * @throws DataFormatException if there is no such file, it cannot be read, or it is of another format
     */
    public static JsonLines open(Path path, Limits limits) {
        return read(DataFile.open(path, limits), limits);
    }

    /**
     * Reads a stream, such as the standard input.
     *
     * @param stream the bytes; closed with the rows, or at once if this fails
     * @param name what messages call it
     * @return its rows; close them
     * @throws DataFormatException if it cannot be read or is of another format
     */
    public static JsonLines read(InputStream stream, String name) {
        return read(stream, name, Limits.DEFAULT);
    }

    /**
     * Reads a stream with limits of one's own.
     *
     * @param stream the bytes; closed with the rows, or at once if this fails
     * @param name what messages call it
     * @param limits how much is read before it is refused
     * @return its rows; close them
     * @throws DataFormatException if it cannot be read or is of another format
     */
    public static JsonLines read(InputStream stream, String name, Limits limits) {
        return read(DataFile.read(stream, name, limits), limits);
    }

    /**
     * Reads a file that was opened.
     *
     * @param file of which nothing was read yet; closed with the rows, or at once if this fails
     * @return its rows; close them
     * @throws DataFormatException if it cannot be read or is of another format
     */
    public static JsonLines read(DataFile file) {
        return read(file, Limits.DEFAULT);
    }

    private static JsonLines read(DataFile file, Limits limits) {
        return file.use(source -> {
            file.requireText("JSON Lines or a JSON array, plain or packed by gzip or zstd");
            return new JsonLines(file.name(), source, limits);
        });
    }

    /** The file as the user named it. */
    public String file() {
        return file;
    }

    /** Whether the file is one JSON array, and not JSON Lines. */
    public boolean isArray() {
        return splitter instanceof RowSplitter.Elements;
    }

    /**
     * Whether there is another row, good or bad.
     *
     * @throws DataFormatException if the rest of the file cannot be read; so does every later call
     */
    @Override
    public boolean hasNext() {
        if (next == null) {
            RawRow row = cut();
            next = row == null ? null : parsed(row);
        }
        return next != null;
    }

    /**
     * The next row, good or bad.
     *
     * @throws DataFormatException if the rest of the file cannot be read; so does every later call
     */
    @Override
    public JsonLine next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("no more rows in " + file);
        }
        JsonLine result = next;
        next = null;
        return result;
    }

    /**
     * The next rows, to be parsed by any thread; to be asked for only where every row that {@link #hasNext()} told of was
     * taken.
     *
     * @return the rows, at least one; null after the last
     * @throws DataFormatException if the rest of the file cannot be read; so does every later call. It names the last
     *     good row of those that were parsed by then
     */
    public @Nullable Batch nextBatch() {
        if (next != null) {
            throw new IllegalStateException("a row was looked at and not taken");
        }
        Batch batch = new Batch();
        try {
            while (batch.bytes < BATCH_BYTES && batch.rows.size() < BATCH_ROWS) {
                RawRow row = cut();
                if (row == null) {
                    break;
                }
                batch.add(row);
            }
        } catch (DataFormatException e) {
            // The rows before the damage come first; the next call throws it again.
            if (batch.rows.isEmpty()) {
                throw e;
            }
        }
        return batch.rows.isEmpty() ? null : batch;
    }

    @Override
    public void close() {
        try {
            source.close();
        } catch (IOException e) {
            throw new DataFormatException(file, 0, IoReason.of("be closed", e), e);
        }
    }

    private @Nullable RawRow cut() {
        try {
            if (failure == null && !ended) {
                ended = !splitter.next(buffer);
                return ended ? null : new RawRow(splitter.line(), splitter.column(), buffer.row());
            }
        } catch (DataFormatException | IOException e) {
            failure = e;
        }
        if (failure != null) {
            throw fatal(failure);
        }
        return null;
    }

    private JsonLine parsed(RawRow row) {
        JsonLine line = row.parse(file, limits.maxRowBytes());
        if (line instanceof JsonLine.Value) {
            lastGood.accumulateAndGet(line.line(), Math::max);
        }
        return line;
    }

    private DataFormatException fatal(Exception cause) {
        String reason =
                cause instanceof DataFormatException e ? e.reason() : IoReason.of(IoReason.READ, (IOException) cause);
        long good = lastGood.get();
        String rows = good == 0 ? "no row before that is complete" : "the last good row is on line " + good;
        return new DataFormatException(file, source.line(), reason + "; " + rows, cause);
    }

    private static RowSplitter splitter(ByteSource source) throws IOException {
        source.skipByteOrderMark();
        int b = source.read();
        while (b == ' ' || b == '\t' || b == '\r' || b == '\n') {
            b = source.read();
        }
        if (b == '[') {
            return new RowSplitter.Elements(source);
        }
        if (b >= 0) {
            source.unread();
        }
        return new RowSplitter.Lines(source);
    }
}
