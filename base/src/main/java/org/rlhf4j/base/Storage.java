package org.rlhf4j.base;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * The one way in which RLHF4J writes files: a file or directory is there completely, or not at all, even when the power
 * fails.
 *
 * <p>The abstract methods are the steps that can fail; everything else is made of them, so that
 * {@link #observed(StorageObserver)} can watch, count or fail each one.
 */
public interface Storage {
    /** The file systems of this machine. */
    static Storage disk() {
        return DiskStorage.INSTANCE;
    }

    /** Creates a file that must not exist yet and opens it for writing. */
    StorageFile create(Path file) throws IOException;

    /** Opens a file for writing at its end, creating it where it does not exist. */
    StorageFile openForAppend(Path file) throws IOException;

    /** Renames a file or directory within its file system in one step; a file or empty directory in the way is replaced. */
    void rename(Path from, Path to) throws IOException;

    /** Creates one directory; its parent must exist. */
    void createDirectory(Path directory) throws IOException;

    /** Deletes one file or empty directory. */
    void delete(Path path) throws IOException;

    /** Makes the names in a directory survive a power loss. */
    void syncDirectory(Path directory) throws IOException;

    /**
     * Replaces a file, or creates it: readers see the old content or the new, never a mixture.
     *
     * @param file where it shall stand; its directory must exist; a symbolic link is replaced, not followed
     * @param content the bytes
     * @throws StorageException naming the file; what stood there before is unchanged, unless the very last step failed,
     *     which makes the new content survive a power loss
     */
    default void writeAtomically(Path file, byte[] content) throws IOException {
        writeAtomically(file, out -> out.write(content));
    }

    /**
     * Replaces a file, or creates it, with what the writer writes.
     *
     * @param file where it shall stand; its directory must exist; a symbolic link is replaced, not followed
     * @param content writes the bytes; the file is closed for it
     * @throws StorageException as {@link #writeAtomically(Path, byte[])}; what the writer throws that is no
     *     {@link IOException} is thrown as it is, the old file unchanged
     */
    default void writeAtomically(Path file, StorageWriter content) throws IOException {
        AtomicFile.write(this, file, content);
    }

    /**
     * Starts a directory that appears under its name, complete, when it is committed. Missing parents are created.
     *
     * @param target where it shall stand: absent, or an empty directory
     * @return the transaction; close it, committed or not
     * @throws StorageException if the target holds something, or nothing can be written next to it
     */
    default DirectoryTransaction beginDirectory(Path target) throws IOException {
        return DirectoryTransaction.begin(this, target);
    }

    /**
     * Creates a directory and its missing parents, each surviving a power loss.
     *
     * @param directory may exist already
     * @throws StorageException if one cannot be created, or a file is in the way
     */
    default void createDirectories(Path directory) throws IOException {
        Deque<Path> missing = new ArrayDeque<>();
        Path existing = directory.toAbsolutePath();
        while (existing != null && !Files.exists(existing)) {
            missing.push(existing);
            existing = existing.getParent();
        }
        if (existing != null && !Files.isDirectory(existing)) {
            throw new StorageException(existing, "is not a directory");
        }
        for (Path next : missing) {
            try {
                try {
                    createDirectory(next);
                } catch (FileAlreadyExistsException e) {
                    // Another process made it in the meantime.
                    if (!Files.isDirectory(next)) {
                        throw e;
                    }
                }
                syncDirectory(next.resolveSibling(""));
            } catch (IOException e) {
                throw StorageException.of(next, e);
            }
        }
    }

    /**
     * Opens a text file to which lines are added, such as a log; each is there for readers at once.
     *
     * @param file created where it does not exist; its directory must exist
     * @return the open file; close it
     * @throws StorageException if it cannot be opened
     */
    default LineAppender appendLines(Path file) throws IOException {
        return LineAppender.open(this, file);
    }

    /** This storage, with an observer told of each step before it happens; what it throws, the step throws. */
    default Storage observed(StorageObserver observer) {
        return new ObservedStorage(this, observer);
    }

    /**
     * Deletes a file, or a directory with all that is in it; symbolic links are deleted, not followed.
     *
     * @throws StorageException naming what could not be deleted; what stood behind it is still there
     */
    default void deleteTree(Path path) throws IOException {
        try {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                for (Path entry : list(path)) {
                    deleteTree(entry);
                }
            }
            delete(path);
        } catch (IOException e) {
            throw StorageException.of(path, e);
        }
    }

    /** A name beside a target under which nothing stands; {@link #leftovers} finds it. */
    static Path temporary(Path target) {
        return AtomicFile.temporary(target.toAbsolutePath());
    }

    /**
     * What a process that died left in a directory under temporary names. Only for who knows that no other process is writing
     * there.
     */
    static List<Path> leftovers(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        return list(directory).stream().filter(Storage::isTemporary).sorted().toList();
    }

    /** Whether a file or directory bears a name of {@link #temporary}. */
    static boolean isTemporary(Path path) {
        return AtomicFile.NAME.matcher(String.valueOf(path.getFileName())).matches();
    }

    /**
     * What stands in a directory, in no order.
     *
     * @throws IOException if it cannot be read to its end
     */
    static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.toList();
        } catch (UncheckedIOException e) {
            throw new IOException(directory + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** A name under which nothing stands: the one wanted, or with -2, -3, ... behind it. */
    static Path unused(Path wanted) {
        Path free = wanted;
        for (int i = 2; Files.exists(free, LinkOption.NOFOLLOW_LINKS); i++) {
            free = wanted.resolveSibling(wanted.getFileName() + "-" + i);
        }
        return free;
    }

    /**
     * The SHA-256 of a file's content.
     *
     * @param file of any size
     * @return 64 lower-case hexadecimal digits
     * @throws IOException if it cannot be read
     */
    static String sha256(Path file) throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[1 << 16];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * Refuses to start what cannot be finished: a tenth more than the bytes must be free.
     *
     * @param directory where the bytes shall go; need not exist yet
     * @param bytes how many
     * @throws StorageException naming the directory, what is needed and what is free
     */
    static void requireSpace(Path directory, long bytes) throws IOException {
        Path existing = directory.toAbsolutePath();
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        long needed = bytes > Long.MAX_VALUE - bytes / 10 ? Long.MAX_VALUE : bytes + bytes / 10;
        long free;
        try {
            free = Files.getFileStore(existing).getUsableSpace();
        } catch (IOException e) {
            throw StorageException.of(existing, e);
        }
        if (free < needed) {
            throw new StorageException(
                    directory,
                    "needs " + (needed >> 20) + " MiB of free space, but there are " + (free >> 20) + " MiB");
        }
    }
}
