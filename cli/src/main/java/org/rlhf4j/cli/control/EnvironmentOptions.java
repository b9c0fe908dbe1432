package org.rlhf4j.cli.control;

import java.nio.file.Path;
import java.util.List;
import org.rlhf4j.base.NearestName;
import org.rlhf4j.cli.console.Plugins;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.registry.Environments;
import picocli.CommandLine.Mixin;

/** Where environments come from: those of RLHF4J, and the user's own. */
final class EnvironmentOptions {
    @Mixin
    private Plugins plugins = new Plugins();

    /** The JARs. */
    List<Path> plugins() {
        return plugins.jars();
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
            String hint = plugins().isEmpty() ? "; one of your own needs --plugins JAR" : "";
            throw new UsageException(NearestName.unknown("environment", id, ids) + hint);
        }
        return Environments.make(id, loader());
    }

    /** Finds the environments. */
    ClassLoader loader() {
        return plugins.loader();
    }
}
