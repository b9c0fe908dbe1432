package org.rlhf4j.base;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory in the making: written next to its target under a temporary name, and renamed by {@link #commit()}.
 *
 * <p>Closed without a commit, it leaves nothing behind.
 */
public final class DirectoryTransaction implements AutoCloseable {
    private final Storage storage;
    private final Path target;
    private final Path staging;
    private final List<Path> created = new ArrayList<>();
    private boolean done;

    private DirectoryTransaction(Storage storage, Path target, Path staging) {
        this.storage = storage;
        this.target = target;
        this.staging = staging;
    }

    static DirectoryTransaction begin(Storage storage, Path target) throws IOException {
        Path absolute = target.toAbsolutePath();
        requireEmpty(absolute);
        Path staging = AtomicFile.temporary(absolute);
        storage.createDirectory(staging);
        return new DirectoryTransaction(storage, absolute, staging);
    }

    /**
     * Writes a file of the directory and makes it durable.
     *
     * @param name a plain file name
     * @param content the bytes
     * @throws IOException naming the file
     */
    public void write(String name, byte[] content) throws IOException {
        write(name, out -> out.write(content));
    }

    /**
     * Writes a file of the directory and makes it durable.
     *
     * @param name a plain file name
     * @param content writes the bytes
     * @throws IOException naming the file
     */
    public void write(String name, StorageWriter content) throws IOException {
        Path file = staging.resolve(name);
        created.add(file);
        AtomicFile.writeSynced(storage, file, content);
    }

    /** Gives the directory its name; after this it is complete and durable. */
    public void commit() throws IOException {
        storage.syncDirectory(staging);
        requireEmpty(target);
        storage.rename(staging, target);
        done = true;
        Path parent = target.getParent();
        if (parent != null) {
            storage.syncDirectory(parent);
        }
    }

    @Override
    public void close() throws IOException {
        if (done) {
            return;
        }
        done = true;
        for (Path file : created) {
            Files.deleteIfExists(file);
        }
        Files.deleteIfExists(staging);
    }

    private static void requireEmpty(Path target) throws IOException {
        if (!Files.exists(target)) {
            return;
        }
        try (Stream<Path> entries = Files.list(target)) {
            if (entries.findAny().isPresent()) {
                throw new DirectoryNotEmptyException(target.toString());
            }
        }
    }
}
