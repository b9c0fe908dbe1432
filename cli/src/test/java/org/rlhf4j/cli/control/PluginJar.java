package org.rlhf4j.cli.control;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Map;
import org.rlhf4j.cli.PluginJars;
import org.rlhf4j.control.Environment;

/** What a user may bring: a JAR with an environment that RLHF4J has never seen. */
final class PluginJar {
    /** Action 1 pays 1, action 0 nothing; an episode has eight steps. */
    private static final String SOURCE = """
            package plugin;

            import java.util.Map;
            import org.rlhf4j.control.Environment;
            import org.rlhf4j.control.EnvironmentSpec;
            import org.rlhf4j.control.space.Box;
            import org.rlhf4j.control.space.Discrete;

            public final class PressOne implements Environment<Integer> {
                public EnvironmentSpec spec() {
                    return new EnvironmentSpec("PressOne-v0", 8, 8.0);
                }

                public Box observationSpace() {
                    return new Box(0f, 1f, 1);
                }

                public Discrete actionSpace() {
                    return new Discrete(2);
                }

                public Reset reset(Long seed, Map<String, Object> options) {
                    return new Reset(new float[1], Map.of());
                }

                public Step step(Integer action) {
                    return new Step(new float[1], action, false, false, Map.of());
                }
            }
            """;

    private PluginJar() {}

    /** Compiles it and packs it up in a directory. */
    static Path in(Path directory) throws IOException, URISyntaxException {
        return PluginJars.build(directory, Environment.class, "plugin.PressOne\n", Map.of("plugin.PressOne", SOURCE));
    }
}
