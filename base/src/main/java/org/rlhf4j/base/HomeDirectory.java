package org.rlhf4j.base;

import java.nio.file.Path;

/** Where RLHF4J keeps what it can make again: unpacked libraries and caches. */
public final class HomeDirectory {
    private HomeDirectory() {}

    /**
     * The system property {@code rlhf4j.home}, else the environment variable {@code RLHF4J_HOME}, else {@code ~/.rlhf4j};
     * need not exist.
     */
    public static Path path() {
        String property = System.getProperty("rlhf4j.home");
        String variable = System.getenv("RLHF4J_HOME");
        if (property != null && !property.isBlank()) {
            return Path.of(property).toAbsolutePath();
        }
        if (variable != null && !variable.isBlank()) {
            return Path.of(variable).toAbsolutePath();
        }
        return Path.of(System.getProperty("user.home"), ".rlhf4j");
    }
}
