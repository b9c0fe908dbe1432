package org.rlhf4j.base;

import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;

/** Writes under a temporary name, makes the bytes durable, then renames. */
final class AtomicFile {
    private AtomicFile() {}

    static void write(Storage storage, Path file, StorageWriter content) throws IOException {
        Path absolute = file.toAbsolutePath();
        Path directory = absolute.getParent();
        if (directory == null) {
            throw new IOException("cannot write " + file + ": it is a root directory");
        }
        Path temporary = temporary(absolute);
        try {
            writeSynced(storage, temporary, content);
            storage.rename(temporary, absolute);
        } catch (IOException | RuntimeException | Error e) {
            try {
                java.nio.file.Files.deleteIfExists(temporary);
            } catch (IOException f) {
                e.addSuppressed(f);
            }
            throw e;
        }
        storage.syncDirectory(directory);
    }

    static void writeSynced(Storage storage, Path file, StorageWriter content) throws IOException {
        try (StorageFile out = storage.create(file)) {
            content.writeTo(out);
            out.sync();
        }
    }

    static Path temporary(Path target) {
        return target.resolveSibling(".tmp-" + target.getFileName() + "-" + UUID.randomUUID());
    }
}
