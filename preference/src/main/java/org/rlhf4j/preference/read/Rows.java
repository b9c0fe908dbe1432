package org.rlhf4j.preference.read;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.format.RowFormat;

/**
 * The rows of a file, read one by one as they are asked for; the first invalid one ends the reading with a
 * {@link DataFormatException} that names its line.
 *
 * <p>To be closed. One thread at a time.
 *
 * @param <T> what a row is
 */
public final class Rows<T> implements Iterator<Located<T>>, AutoCloseable {
    private final RowScanner scanner;
    private final RowFormat format;
    private final Function<RowScanner.Scanned, List<T>> convert;
    private final Deque<Located<T>> ready = new ArrayDeque<>();
    private @Nullable DataFormatException failure;

    Rows(RowScanner scanner, Function<RowScanner.Scanned, List<T>> convert) {
        this.scanner = scanner;
        this.format = scanner.requireFormat();
        this.convert = convert;
    }

    /** The format of the file. */
    public RowFormat format() {
        return format;
    }

    /** What the format was told from, as a clause: {@code it has "prompt" and no completion}. */
    public String evidence() {
        return scanner.evidence();
    }

    /**
     * Whether there is another row.
     *
     * @throws DataFormatException if the next row is invalid or cannot be read; so does every later call
     */
    @Override
    public boolean hasNext() {
        if (failure != null) {
            throw failure;
        }
        try {
            while (ready.isEmpty()) {
                RowScanner.@Nullable Scanned row = scanner.next();
                if (row == null) {
                    return false;
                }
                for (T value : convert.apply(row)) {
                    ready.add(new Located<>(row.file(), row.line(), value));
                }
            }
            return true;
        } catch (DataFormatException e) {
            failure = e;
            throw e;
        }
    }

    /**
     * The next row.
     *
     * @throws DataFormatException if it is invalid or cannot be read; so does every later call
     */
    @Override
    public Located<T> next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no more rows");
        }
        return ready.remove();
    }

    /** The rows that are left, as a stream; closing it closes the file. */
    public Stream<Located<T>> stream() {
        int traits = Spliterator.ORDERED | Spliterator.NONNULL;
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, traits), false)
                .onClose(this::close);
    }

    /** The rows that are left, all in memory. */
    public List<Located<T>> toList() {
        List<Located<T>> all = new ArrayList<>();
        forEachRemaining(all::add);
        return all;
    }

    @Override
    public void close() {
        scanner.close();
    }
}
