package org.rlhf4j.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Pattern;

/** Writes under a temporary name, makes the bytes durable, then renames. */
final class AtomicFile {
    /** What temporary names begin with. */
    static final String TEMPORARY = ".tmp-";

    /** A file name has up to 255 bytes; what stands before and after this part of it takes 16. */
    private static final int KEPT_OF_NAME = 48;

    /** What {@link #temporary} gives, and nobody else's names. */
    static final Pattern NAME = Pattern.compile(Pattern.quote(TEMPORARY) + ".*-[0-9a-f]{8}", Pattern.DOTALL);

    private AtomicFile() {}

    static void write(Storage storage, Path file, StorageWriter content) throws IOException {
        Path target = file.toAbsolutePath();
        if (Files.isDirectory(target)) {
            throw new StorageException(file, "is a directory, not a file");
        }
        Path temporary = temporary(target);
        try {
            writeNew(storage, temporary, content);
            storage.rename(temporary, target);
        } catch (IOException e) {
            StorageException problem = StorageException.of(file, e);
            discard(storage, temporary, problem);
            throw problem;
        } catch (RuntimeException | Error e) {
            discard(storage, temporary, e);
            throw e;
        }
        try {
            storage.syncDirectory(target.resolveSibling(""));
        } catch (IOException e) {
            throw StorageException.of(file, e);
        }
    }

    /** Writes a file that is not there yet and makes its bytes durable. */
    static void writeNew(Storage storage, Path file, StorageWriter content) throws IOException {
        try (StorageFile out = storage.create(file)) {
            content.writeTo(out);
            out.sync();
        }
    }

    /** A name next to the target that nobody else uses, and that tells a later reader what it was. */
    static Path temporary(Path target) {
        String name = String.valueOf(target.getFileName());
        int end = Math.min(name.length(), KEPT_OF_NAME);
        if (end < name.length() && Character.isHighSurrogate(name.charAt(end - 1))) {
            end--;
        }
        String random = UUID.randomUUID().toString().substring(0, 8);
        return target.resolveSibling(TEMPORARY + name.substring(0, end) + "-" + random);
    }

    private static void discard(Storage storage, Path temporary, Throwable problem) {
        if (!Files.exists(temporary)) {
            return;
        }
        try {
            storage.delete(temporary);
        } catch (IOException e) {
            problem.addSuppressed(e);
        }
    }
}
