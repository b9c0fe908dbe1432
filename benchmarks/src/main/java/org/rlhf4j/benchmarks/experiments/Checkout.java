package org.rlhf4j.benchmarks.experiments;

import java.nio.file.Path;

/** Files of the checkout that the experiments are started from. */
final class Checkout {
    private Checkout() {}

    /**
     * A file by its path from the root of the checkout, which the launcher names in the system property {@code rlhf4j.root}.
     */
    static Path file(String path) {
        return Path.of(System.getProperty("rlhf4j.root", ".")).resolve(path);
    }
}
