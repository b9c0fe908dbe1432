package org.rlhf4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;

/** Makes what a user may bring: a JAR with classes that RLHF4J has never seen. */
public final class PluginJars {
    private PluginJars() {}

    /**
     * Compiles classes and packs them up.
     *
     * @param directory takes everything; may hold nothing else
     * @param service what they implement, and what they are compiled against
     * @param listed the content of the service file
     * @param sources each class by its full name
     * @return the JAR
     */
    public static Path build(Path directory, Class<?> service, String listed, Map<String, String> sources)
            throws IOException, URISyntaxException {
        Path room = Path.of(
                service.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<String> args = new ArrayList<>(List.of("-cp", room.toString(), "-d", directory.toString()));
        for (Map.Entry<String, String> source : sources.entrySet()) {
            Path file = directory.resolve(path(source.getKey()) + ".java");
            Files.createDirectories(file.getParent());
            args.add(Files.writeString(file, source.getValue()).toString());
        }
        ByteArrayOutputStream problems = new ByteArrayOutputStream();
        int code = ToolProvider.getSystemJavaCompiler().run(null, null, problems, args.toArray(String[]::new));
        if (code != 0) {
            throw new IllegalStateException(problems.toString(StandardCharsets.UTF_8));
        }
        Path jar = directory.resolve("plugin.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            entry(out, "META-INF/services/" + service.getName(), listed.getBytes(StandardCharsets.UTF_8));
            for (String name : sources.keySet()) {
                String compiled = path(name) + ".class";
                entry(out, compiled, Files.readAllBytes(directory.resolve(compiled)));
            }
        }
        return jar;
    }

    private static String path(String className) {
        return className.replace('.', '/');
    }

    private static void entry(JarOutputStream out, String name, byte[] content) throws IOException {
        out.putNextEntry(new JarEntry(name));
        out.write(content);
        out.closeEntry();
    }
}
