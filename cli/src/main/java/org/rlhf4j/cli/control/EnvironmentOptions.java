package org.rlhf4j.cli.control;

import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.registry.Environments;
import picocli.CommandLine.Option;

/** Where environments come from: those of RLHF4J, and the user's own. */
final class EnvironmentOptions {
    @Option(
            names = "--plugins",
            paramLabel = "JAR",
            description =
                    "JAR with environments of your own, named in its META-INF/services/org.rlhf4j.control.Environment;"
                            + " may be repeated.")
    private List<Path> plugins = new ArrayList<>();

    private @Nullable ClassLoader loader;

    /** The JARs. */
    List<Path> plugins() {
        return List.copyOf(plugins);
    }

    /** The ids of all environments, sorted. */
    List<String> ids() {
        return Environments.ids(loader());
    }

    /**
     * A new environment, within its time limit.
     *
     * @throws UsageException if there is none of that id, naming the nearest
     */
    Environment<?> make(String id) {
        List<String> ids = ids();
        if (!ids.contains(id)) {
            String hint = plugins.isEmpty() ? "; one of your own needs --plugins JAR" : "";
            throw new UsageException(NearestName.unknown("environment", id, ids) + hint);
        }
        return Environments.make(id, loader());
    }

    /** Finds the environments; classes are loaded as long as the process runs, so it is never closed. */
    ClassLoader loader() {
        if (loader == null) {
            ClassLoader ours = EnvironmentOptions.class.getClassLoader();
            loader = plugins.isEmpty()
                    ? ours
                    : new URLClassLoader(
                            plugins.stream().map(EnvironmentOptions::url).toArray(URL[]::new), ours);
        }
        return loader;
    }

    private static URL url(Path jar) {
        // A class loader ignores what is not there.
        if (!Files.isRegularFile(jar)) {
            throw new UsageException("--plugins " + jar + ": no such file");
        }
        try {
            return jar.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new UsageException("--plugins " + jar + ": " + e.getMessage());
        }
    }
}
