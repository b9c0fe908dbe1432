package org.rlhf4j.preference.container;

import java.io.IOException;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.JsonLine;

/** Rows of which the next one is read ahead; what ended the reading is thrown again by every later call. */
abstract class BufferedInput implements RowInput {
    private @Nullable JsonLine next;
    private @Nullable DataFormatException failure;
    private boolean ended;

    /**
     * The next row, good or bad; null after the last one.
     *
     * @throws DataFormatException with its place, if there is no way to go on
     * @throws IOException if the bytes cannot be read
     */
    abstract @Nullable JsonLine advance() throws IOException;

    @Override
    public final boolean hasNext() {
        if (failure != null) {
            throw failure;
        }
        if (next == null && !ended) {
            try {
                next = advance();
            } catch (DataFormatException e) {
                failure = e;
            } catch (IOException e) {
                failure = new DataFormatException(file(), 0, "cannot be read: " + e.getMessage(), e);
            }
            if (failure != null) {
                throw failure;
            }
            ended = next == null;
        }
        return next != null;
    }

    @Override
    public final JsonLine next() {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException("no more rows in " + file());
        }
        JsonLine result = next;
        next = null;
        return result;
    }

    /** A row that cannot be used. */
    final JsonLine bad(long line, String reason, @Nullable Throwable cause) {
        return new JsonLine.Bad(file(), line, new DataFormatException(file(), line, reason, cause));
    }
}
