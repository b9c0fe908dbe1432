package org.rlhf4j.core.run;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which RLHF4J this is, as its build wrote it down.
 *
 * @param version the Maven version
 * @param commit the git commit, with {@code -dirty} behind it when files were changed; "unknown" where the build was not
 *     told
 */
public record Build(String version, String commit) {
    private static final String UNKNOWN = "unknown";

    /** That of the classes in use. */
    public static Build current() {
        Properties properties = new Properties();
        try (InputStream in = Build.class.getResourceAsStream("build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read build.properties", e);
        }
        return new Build(properties.getProperty("version", UNKNOWN), properties.getProperty("commit", UNKNOWN));
    }
}
