package org.rlhf4j.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs a main class of the tests' class path in a process of its own: to measure its memory, to let the engine fail to
 * start, or to kill it.
 */
public final class JavaProcess {
    private final List<String> options = new ArrayList<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));

    /**
     * How a process ended.
     *
     * @param exitCode 128 and the number of a signal for one that a signal ended
     * @param output what it printed on both streams
     */
    public record Result(int exitCode, String output) {}

    /** A process that unpacks the native library where this one did. */
    public JavaProcess() {
        String home = System.getProperty("rlhf4j.home");
        if (home != null) {
            options.add("-Drlhf4j.home=" + home);
        }
        options.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=error");
    }

    /** Gives the virtual machine one more option. */
    public JavaProcess option(String option) {
        options.add(option);
        return this;
    }

    /** Sets a variable of its environment; the others are those of this process. */
    public JavaProcess environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    /** Leaves out the jars whose path contains a text. */
    public JavaProcess withoutJar(String part) {
        classPath = String.join(
                File.pathSeparator,
                Arrays.stream(classPath.split(File.pathSeparator))
                        .filter(entry -> !entry.contains(part))
                        .toList());
        return this;
    }

    /** The command line: what {@link #start} runs. */
    public List<String> command(String main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(List.of(arguments));
        return command;
    }

    /**
     * Starts the process and does not wait; the caller ends it.
     *
     * @param output receives both of its streams
     * @param main the class
     */
    public Process start(ProcessBuilder.Redirect output, String main, String... arguments) {
        try {
            ProcessBuilder builder = new ProcessBuilder(command(main, arguments))
                    .redirectErrorStream(true)
                    .redirectOutput(output);
            builder.environment().putAll(environment);
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs the process, which has no input, to its end. */
    public Result run(Class<?> main, String... arguments) {
        Process process = start(ProcessBuilder.Redirect.PIPE, main.getName(), arguments);
        try {
            process.getOutputStream().close();
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
