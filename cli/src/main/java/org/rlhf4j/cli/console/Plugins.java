package org.rlhf4j.cli.console;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** JARs with classes of the user's own. */
public final class Plugins {
    @Option(
            names = "--plugins",
            paramLabel = "JAR",
            description =
                    "JAR with environments or scorers of your own, which its META-INF/services names; may be repeated.")
    private List<Path> jars = new ArrayList<>();

    private @Nullable ClassLoader loader;

    /** The JARs. */
    public List<Path> jars() {
        return List.copyOf(jars);
    }

    /**
     * Finds classes in the JARs and on the class path; classes are loaded as long as the process runs, so it is never
     * closed.
     *
     * @throws UsageException if one is not there or is no JAR
     */
    public ClassLoader loader() {
        if (loader == null) {
            ClassLoader ours = Plugins.class.getClassLoader();
            loader = jars.isEmpty()
                    ? ours
                    : new URLClassLoader(jars.stream().map(Plugins::url).toArray(URL[]::new), ours);
        }
        return loader;
    }

    /** A class loader ignores what is not there and what is no JAR, so both are looked for here. */
    private static URL url(Path jar) {
        if (!Files.isRegularFile(jar)) {
            throw new UsageException("--plugins " + jar + ": no such file");
        }
        try (JarFile opened = new JarFile(jar.toFile())) {
            return Path.of(opened.getName()).toUri().toURL();
        } catch (IOException e) {
            throw new UsageException("--plugins " + jar + " cannot be read as a JAR: " + e.getMessage());
        }
    }
}
