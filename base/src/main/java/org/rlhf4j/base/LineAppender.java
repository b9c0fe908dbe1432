package org.rlhf4j.base;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A text file that grows line by line. A line is handed to the operating system in one write when it is appended, so it
 * survives the end of this process; that of the machine only after {@link #close()}.
 */
public final class LineAppender implements AutoCloseable {
    private final Path path;
    private final StorageFile file;

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
     * Adds a line.
     *
     * @param line without a line end, none within it either
     * @throws StorageException if it cannot be written
     */
    public void append(String line) throws IOException {
        if (line.indexOf('\n') >= 0) {
            throw new IllegalArgumentException("a line must not contain a line end");
        }
        try {
            file.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw StorageException.of(path, e);
        }
    }

    /**
     * Makes all lines survive a power loss and closes the file; closing it again does nothing.
     *
     * @throws StorageException if that fails; the file is closed all the same
     */
    @Override
    public void close() throws IOException {
        if (!file.isOpen()) {
            return;
        }
        try (StorageFile closing = file) {
            closing.sync();
        } catch (IOException e) {
            throw StorageException.of(path, e);
        }
    }

    private static boolean endsWithinALine(Path path) throws IOException {
        if (!Files.isRegularFile(path) || Files.size(path) == 0) {
            return false;
        }
        try (var channel = Files.newByteChannel(path)) {
            var last = java.nio.ByteBuffer.allocate(1);
            channel.position(channel.size() - 1).read(last);
            return last.get(0) != '\n';
        }
    }
}
