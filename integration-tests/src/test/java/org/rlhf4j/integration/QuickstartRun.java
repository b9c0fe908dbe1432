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
 * One run of {@code rlhf quickstart} in this process.
 *
 * @param code the exit code
 * @param out standard output
 * @param err standard error
 */
record QuickstartRun(int code, String out, String err) {
    static QuickstartRun of(Path directory, long seed) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                InputStream.nullInputStream(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false);
        int code = Main.run(
                terminal, "quickstart", "--out", directory.toString(), "--seed", Long.toString(seed), "--json");
        return new QuickstartRun(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
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

    /** What DPO gained in true reward, in standard deviations of the SFT model's samples. */
    double gain() {
        return (figure("true_reward.dpo") - figure("true_reward.sft")) / figure("true_reward.sft_deviation");
    }

    /** Seconds of all steps together. */
    double seconds() {
        double sum = 0;
        for (JsonNode step : json().path("seconds")) {
            sum += step.doubleValue();
        }
        return sum;
    }
}
