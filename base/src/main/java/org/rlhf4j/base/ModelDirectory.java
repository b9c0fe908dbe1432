package org.rlhf4j.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads the small files of a model directory, which may come from anywhere. Symbolic links may lead within the directory,
 * or from a snapshot of the Hugging Face cache to the content that belongs to it: a link to anywhere else would be read as a
 * part of the model, and carried over to what is made from it.
 */
public final class ModelDirectory {
    private static final int MOST_BYTES = Json.Size.DOCUMENT.maxBytes();

    private ModelDirectory() {}

    /**
     * The content of a file that is no weights.
     *
     * @param directory the model's directory
     * @param name the file's name in it
     * @return null where there is no such file
     * @throws DataFormatException if it cannot be read, is larger than {@link Json.Size#DOCUMENT}, or is a link that leads
     *     out
     */
    public static byte @Nullable [] read(Path directory, String name) {
        Path file = directory.resolve(name);
        requireInside(directory, file);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try {
            long size = Files.size(file);
            if (size > MOST_BYTES) {
                throw new DataFormatException(
                        file.toString(), 0, "has " + size + " bytes, more than the " + MOST_BYTES + " of such a file");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new DataFormatException(file.toString(), 0, IoReason.of(IoReason.READ, e), e);
        }
    }

    /**
     * Refuses a link that leads out.
     *
     * @param directory the model's directory
     * @param file a file of it, which may be a link
     * @throws DataFormatException naming both ends of the link
     */
    public static void requireInside(Path directory, Path file) {
        if (!Files.isSymbolicLink(file)) {
            return;
        }
        try {
            Path target = file.toRealPath();
            Path home = directory.toRealPath();
            if (!target.startsWith(home) && !isContentOf(home, target)) {
                throw new DataFormatException(
                        file.toString(), 0, "is a link to " + target + ", outside the model's directory");
            }
        } catch (IOException e) {
            throw new DataFormatException(file.toString(), 0, "is a link that leads nowhere", e);
        }
    }

    /**
     * {@code models--org--name/blobs} beside {@code models--org--name/snapshots/COMMIT}, or the {@code blobs} that all
     * models of the cache share.
     */
    private static boolean isContentOf(Path snapshot, Path target) {
        Path snapshots = snapshot.getParent();
        Path repository = snapshots == null ? null : snapshots.getParent();
        if (snapshots == null
                || repository == null
                || !snapshots.endsWith("snapshots")
                || !String.valueOf(repository.getFileName()).startsWith("models--")) {
            return false;
        }
        return target.startsWith(repository.resolve("blobs")) || target.startsWith(repository.resolveSibling("blobs"));
    }
}
