package org.rlhf4j.benchmarks.experiments;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.rlhf4j.base.Storage;

/** Files of the checkout that the experiments are started from, and of their working directories. */
final class Checkout {
    private Checkout() {}

    /**
     * A file by its path from the root of the checkout, which the launcher names in the system property {@code rlhf4j.root}.
     */
    static Path file(String path) {
        return Path.of(System.getProperty("rlhf4j.root", ".")).resolve(path);
    }

    /** Writes a text file, and the directories that it needs. */
    static void write(Path file, String text) throws IOException {
        Path absolute = file.toAbsolutePath();
        Storage.disk().createDirectories(Objects.requireNonNull(absolute.getParent(), "a file is in a directory"));
        Storage.disk().writeAtomically(absolute, text.getBytes(StandardCharsets.UTF_8));
    }
}
