package org.rlhf4j.integration;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.Main;
import org.rlhf4j.cli.console.Terminal;

/**
 * One run of a command of {@code rlhf} in this process.
 *
 * @param code the exit code
 * @param out standard output
 * @param err standard error
 */
record CommandRun(int code, String out, String err) {
    /** A command with its arguments. */
    static CommandRun of(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                InputStream.nullInputStream(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false);
        int code = Main.run(terminal, arguments);
        return new CommandRun(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** {@code rlhf quickstart}. */
    static CommandRun quickstart(Path directory, long seed) {
        return of("quickstart", "--out", directory.toString(), "--seed", Long.toString(seed), "--json");
    }

    /** The object on the last line of standard output. */
    JsonNode json() {
        List<String> lines = out.lines().toList();
        return Json.parse(lines.get(lines.size() - 1));
    }

    /** A figure by its place: {@code true_reward.dpo}. */
    double figure(String place) {
        JsonNode value = json();
        for (String name : place.split("\\.", -1)) {
            value = value.path(name);
        }
        if (!value.isNumber()) {
            throw new AssertionError("no number " + place + " in " + json());
        }
        return value.doubleValue();
    }

    /** Of the quickstart: what {@code dpo} or {@code ppo} gained in true reward, in standard deviations of the SFT model's samples. */
    double gain(String method) {
        return (figure("true_reward." + method) - figure("true_reward.sft")) / figure("true_reward.sft_deviation");
    }

    /** Of the quickstart: seconds of all steps together. */
    double seconds() {
        double sum = 0;
        for (JsonNode step : json().path("seconds")) {
            sum += step.doubleValue();
        }
        return sum;
    }
}
