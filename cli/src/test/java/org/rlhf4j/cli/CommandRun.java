package org.rlhf4j.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.console.Terminal;

/**
 * One command of {@code rlhf}, run in this process as if it had been typed.
 *
 * @param code the exit code
 * @param out standard output
 * @param err standard error
 */
public record CommandRun(int code, String out, String err) {
    /** Runs a command without input. */
    public static CommandRun of(Object... args) {
        return withInput("", args);
    }

    /** Runs a command with a text on standard input. */
    public static CommandRun withInput(String in, Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false);
        int code = Main.run(terminal, Arrays.stream(args).map(Object::toString).toArray(String[]::new));
        return new CommandRun(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The object on the last line of standard output. */
    public JsonNode json() {
        List<String> lines = out.lines().toList();
        return Json.parse(lines.get(lines.size() - 1));
    }
}
