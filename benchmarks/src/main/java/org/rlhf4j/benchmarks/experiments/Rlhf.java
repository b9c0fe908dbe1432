package org.rlhf4j.benchmarks.experiments;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.Main;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;

/** Runs commands of {@code rlhf} in this process, as if they had been typed. */
final class Rlhf {
    private final Terminal terminal;

    /** Made with the terminal that shows the commands; their progress goes to standard error. */
    Rlhf(Terminal terminal) {
        this.terminal = terminal;
    }

    /**
     * Runs a command.
     *
     * @param words the command and its options
     * @return what it wrote to standard output
     * @throws IllegalStateException if its exit code is not 0
     */
    String run(Object... words) {
        String[] command = Stream.of(words).map(Object::toString).toArray(String[]::new);
        terminal.note("%n$ rlhf %s", String.join(" ", command));
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(written, false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        int code = Main.run(new Terminal(InputStream.nullInputStream(), out, err, false), command);
        if (code != ExitCode.DONE) {
            throw new IllegalStateException("the command above failed with exit code " + code);
        }
        out.flush();
        return written.toString(StandardCharsets.UTF_8);
    }

    /**
     * Runs a command that has {@code --json}.
     *
     * @param words the command and its options but that one
     * @return its figures
     */
    JsonNode figures(Object... words) {
        List<Object> command = new ArrayList<>(List.of(words));
        command.add("--json");
        List<String> lines = run(command.toArray()).lines().toList();
        return Json.parse(lines.get(lines.size() - 1));
    }

    /**
     * Runs a training, or does nothing where its model is there already. What an interrupted one left is deleted.
     *
     * @param run the run directory
     * @param words the command and its options but {@code --out}
     * @return the directory of the trained model
     */
    Path train(Path run, Object... words) throws IOException {
        Path model = run.resolve("model");
        if (!Files.isDirectory(model)) {
            Directories.deleteIfThere(run);
            List<Object> command = new ArrayList<>(List.of(words));
            command.addAll(List.of("--out", run));
            run(command.toArray());
        }
        return model;
    }
}
