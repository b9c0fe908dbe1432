package org.rlhf4j.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory in the making: its files are written next to the target under a temporary name, and {@link #commit()} gives
 * it its own. Closed without a commit, it leaves nothing behind. One thread at a time.
 *
 * <pre>{@code
 * try (DirectoryTransaction directory = storage.beginDirectory(target)) {
 *     directory.write("config.json", bytes);
 *     directory.commit();
 * }
 * }</pre>
 */
public final class DirectoryTransaction implements AutoCloseable {
    private final Storage storage;
    private final Path target;
    private final Path staging;
    private final List<Path> created = new ArrayList<>();
    private final List<Path> folders = new ArrayList<>();
    private boolean ended;

    private DirectoryTransaction(Storage storage, Path target, Path staging) {
        this.storage = storage;
        this.target = target;
        this.staging = staging;
    }

    static DirectoryTransaction begin(Storage storage, Path target) throws IOException {
        Path absolute = target.toAbsolutePath();
        requireFree(absolute);
        storage.createDirectories(absolute.resolveSibling(""));
        Path staging = AtomicFile.temporary(absolute);
        try {
            storage.createDirectory(staging);
        } catch (IOException e) {
            throw StorageException.of(target, e);
        }
        return new DirectoryTransaction(storage, absolute, staging);
    }

    /**
     * Writes a file of the directory and makes it durable.
     *
     * @param name a plain file name, not written before
     * @param content the bytes
     * @throws StorageException naming the file in the target directory
     */
    public void write(String name, byte[] content) throws IOException {
        write(name, out -> out.write(content));
    }

    /**
     * Writes a file of the directory and makes it durable.
     *
     * @param name a plain file name, or that of a folder and one in it, {@code folder/name}; not written before
     * @param content writes the bytes; the file is closed for it
     * @throws StorageException naming the file in the target directory
     */
    public void write(String name, StorageWriter content) throws IOException {
        requireOpen();
        Path file = staging.resolve(name);
        Path folder = file.resolveSibling("");
        boolean nested = staging.equals(folder.getParent());
        if (!(staging.equals(folder) || nested) || !file.equals(file.normalize())) {
            throw new IllegalArgumentException("\"" + name + "\" is not a plain file name");
        }
        if (created.contains(file)) {
            throw new IllegalArgumentException("\"" + name + "\" is written twice");
        }
        created.add(file);
        try {
            if (nested && !folders.contains(folder)) {
                folders.add(folder);
                storage.createDirectory(folder);
            }
            AtomicFile.writeNew(storage, file, content);
        } catch (IOException e) {
            throw StorageException.of(target.resolve(name), e);
        }
    }

    /**
     * Gives the directory its name; after this it is complete and survives a power loss.
     *
     * @throws StorageException if something stands there by now, or a step failed: the target is as it was before, unless
     *     the very last step failed, which makes the name survive a power loss
     */
    public void commit() throws IOException {
        requireOpen();
        requireFree(target);
        try {
            for (Path folder : folders) {
                storage.syncDirectory(folder);
            }
            storage.syncDirectory(staging);
            storage.rename(staging, target);
            ended = true;
            storage.syncDirectory(target.resolveSibling(""));
        } catch (IOException e) {
            throw StorageException.of(target, e);
        }
    }

    /**
     * Deletes what was written, unless it was committed.
     *
     * @throws StorageException naming the temporary directory that could not be deleted
     */
    @Override
    public void close() throws IOException {
        if (ended) {
            return;
        }
        ended = true;
        IOException problem = null;
        for (Path file : created) {
            problem = delete(file, problem);
        }
        for (Path folder : folders) {
            problem = delete(folder, problem);
        }
        problem = delete(staging, problem);
        if (problem != null) {
            throw StorageException.of(staging, problem);
        }
    }

    private @Nullable IOException delete(Path path, @Nullable IOException before) {
        if (!Files.exists(path)) {
            return before;
        }
        try {
            storage.delete(path);
            return before;
        } catch (IOException e) {
            if (before == null) {
                return e;
            }
            before.addSuppressed(e);
            return before;
        }
    }

    private void requireOpen() {
        if (ended) {
            throw new IllegalStateException(target + " is committed or closed already");
        }
    }

    private static void requireFree(Path target) throws IOException {
        if (!Files.exists(target)) {
            return;
        }
        if (!Files.isDirectory(target)) {
            throw new StorageException(target, "exists already and is not a directory");
        }
        try (Stream<Path> entries = Files.list(target)) {
            if (entries.findAny().isPresent()) {
                throw new StorageException(target, "exists already and is not empty: name a new directory");
            }
        }
    }
}
