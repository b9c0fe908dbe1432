package org.rlhf4j.base;

import java.io.Flushable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A text file that grows line by line. A line is handed to the operating system in one write when it is appended, so it
 * survives the end of this process; that of the machine only after {@link #close()}.
 *
 * <p>A line that cannot be written, as on a full disk, is held back and tried again with each later one, in order. What of it
 * had come through is not written again.
 */
public final class LineAppender implements Flushable, AutoCloseable {
    /** Lines held back at most. */
    static final int MAX_HELD = 10_000;

    private final Path path;
    private final StorageFile file;
    /** The rest of the first line, and whole ones. */
    private final Deque<ByteBuffer> held = new ArrayDeque<>();

    private boolean troubled;
    private @Nullable String newTrouble;

    private LineAppender(Path path, StorageFile file) {
        this.path = path;
        this.file = file;
    }

    static LineAppender open(Storage storage, Path path) throws IOException {
        try {
            boolean torn = endsWithinALine(path);
            LineAppender lines = new LineAppender(path, storage.openForAppend(path));
            if (torn) {
                // An earlier process died within its last line; ours must not become part of it.
                lines.append("");
            }
            return lines;
        } catch (IOException e) {
            throw StorageException.of(path, e);
        }
    }

    /**
     * Adds a line, or holds it back.
     *
     * @param line without a line end, none within it either
     * @throws StorageException if it cannot be written and {@value #MAX_HELD} lines are held back already, or the file is
     *     closed
     */
    public void append(String line) throws IOException {
        if (line.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("a line must not contain a line end");
        }
        held.add(ByteBuffer.wrap((line + "\n").getBytes(StandardCharsets.UTF_8)));
        try {
            flush();
        } catch (IOException e) {
            if (!file.isOpen() || held.size() > MAX_HELD) {
                throw e;
            }
            if (!troubled) {
                troubled = true;
                newTrouble = e.getMessage() + "; its lines are kept and tried again";
            }
        }
    }

    /** That lines began to be held back and why, in one sentence; empty when told already, or when there is no such trouble. */
    public Optional<String> newTrouble() {
        Optional<String> told = Optional.ofNullable(newTrouble);
        newTrouble = null;
        return told;
    }

    /**
     * Writes what is held back.
     *
     * @throws StorageException if it still cannot be written
     */
    @Override
    public void flush() throws IOException {
        try {
            for (ByteBuffer next = held.peek(); next != null; next = held.peek()) {
                file.write(next);
                held.remove();
            }
            troubled = false;
        } catch (IOException e) {
            throw StorageException.of(path, e);
        }
    }

    /**
     * Writes what is held back, makes all lines survive a power loss and closes the file; closing it again does nothing.
     *
     * @throws StorageException if that fails, saying how many lines are lost; the file is closed all the same
     */
    @Override
    public void close() throws IOException {
        if (!file.isOpen()) {
            return;
        }
        try (StorageFile closing = file) {
            flush();
            closing.sync();
        } catch (IOException e) {
            StorageException failure = StorageException.of(path, e);
            throw held.isEmpty() ? failure : failure.losing(held.size() + (held.size() == 1 ? " line" : " lines"));
        }
    }

    private static boolean endsWithinALine(Path path) throws IOException {
        if (!Files.isRegularFile(path) || Files.size(path) == 0) {
            return false;
        }
        try (var channel = Files.newByteChannel(path)) {
            var last = ByteBuffer.allocate(1);
            channel.position(channel.size() - 1).read(last);
            return last.get(0) != '\n';
        }
    }
}
