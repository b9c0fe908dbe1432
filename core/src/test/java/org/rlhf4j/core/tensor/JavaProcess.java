package org.rlhf4j.core.tensor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a main class of the tests in a process of its own: to measure its memory, or to let the engine fail to start. */
final class JavaProcess {
    private final List<String> options = new ArrayList<>();
    private String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    /** What a process printed on both streams, and how it ended. */
    record Result(int exitCode, String output) {}

    /** A process that unpacks the native library where this one did. */
    JavaProcess() {
        String home = System.getProperty("rlhf4j.home");
        if (home != null) {
            options.add("-Drlhf4j.home=" + home);
        }
        options.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
    }

    JavaProcess option(String option) {
        options.add(option);
        return this;
    }

    JavaProcess withoutJar(String part) {
        classPath = String.join(
                System.getProperty("path.separator"),
                List.of(classPath.split(System.getProperty("path.separator"))).stream()
                        .filter(entry -> !entry.contains(part))
                        .toList());
        return this;
    }

    Result run(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(2, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IllegalStateException("the process does not end: " + output);
            }
            return new Result(process.exitValue(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
