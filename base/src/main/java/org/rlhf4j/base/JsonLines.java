package org.rlhf4j.base;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a data file row by row in constant memory: JSON Lines or one JSON array, plain or gzip.
 *
 * <p>A bad row is returned as {@link JsonLine.Bad} and reading goes on; what makes the rest of the file unreadable (a
 * truncated archive, an array that is not closed) is thrown by {@link #hasNext()} as {@link DataFormatException}.
 */
public final class JsonLines implements Iterator<JsonLine>, AutoCloseable {
    private final InputStream in;
    private final String file;
    private long line;
    private @Nullable JsonLine next;

    private JsonLines(InputStream in, String file) {
        this.in = in;
        this.file = file;
    }

    /**
     * Opens a file.
     *
     * @param path the file
     * @return its rows
     * @throws DataFormatException if it cannot be read
     */
    public static JsonLines open(Path path) {
        try {
            return read(Files.newInputStream(path), path.toString());
        } catch (IOException e) {
            throw Json.unreadable(path, e);
        }
    }

    /**
     * Reads a stream.
     *
     * @param stream the bytes; closed with the rows
     * @param name what messages call it, for instance {@code <stdin>}
     * @return its rows
     * @throws DataFormatException if it cannot be read
     */
    public static JsonLines read(InputStream stream, String name) {
        try {
            InputStream buffered = new BufferedInputStream(stream, 1 << 16);
            buffered.mark(4);
            boolean gzip = buffered.read() == 0x1F && buffered.read() == 0x8B;
            buffered.reset();
            InputStream plain = gzip ? new BufferedInputStream(new GZIPInputStream(buffered), 1 << 16) : buffered;
            return new JsonLines(plain, name);
        } catch (IOException e) {
            throw new DataFormatException(name, 0, "cannot be read: " + e.getMessage(), e);
        }
    }

    /** The file as the user named it. */
    public String file() {
        return file;
    }

    @Override
    public boolean hasNext() {
        if (next == null) {
            next = advance();
        }
        return next != null;
    }

    @Override
    public JsonLine next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("no more rows in " + file);
        }
        JsonLine result = next;
        next = null;
        return result;
    }

    private @Nullable JsonLine advance() {
        try {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            int b = in.read();
            while (b >= 0) {
                bytes.reset();
                line++;
                for (; b >= 0 && b != '\n'; b = in.read()) {
                    bytes.write(b);
                }
                byte[] row = bytes.toByteArray();
                if (!new String(row, java.nio.charset.StandardCharsets.ISO_8859_1).isBlank()) {
                    return parse(row);
                }
                b = in.read();
            }
            return null;
        } catch (IOException e) {
            throw new DataFormatException(file, line, "cannot be read: " + e.getMessage(), e);
        }
    }

    private JsonLine parse(byte[] row) {
        try {
            return new JsonLine.Value(file, line, Json.parse(row));
        } catch (DataFormatException e) {
            return new JsonLine.Bad(file, line, e.at(file, line));
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new DataFormatException(file, 0, "cannot be closed: " + e.getMessage(), e);
        }
    }
}
