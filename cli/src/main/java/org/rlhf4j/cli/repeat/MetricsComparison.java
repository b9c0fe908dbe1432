package org.rlhf4j.cli.repeat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.rlhf4j.base.Json;

/** Metrics of two runs, line by line and to the last bit, without what the clock says. */
final class MetricsComparison {
    private static final Set<String> BY_THE_CLOCK = Set.of("tokens_per_second", "eps");

    private MetricsComparison() {}

    /**
     * The first figure that differs.
     *
     * @param step of its line
     * @param figure its name
     * @param was as the run wrote it; "absent" where it did not
     * @param is the same of the repetition
     */
    record Difference(long step, String figure, String was, String is) {
        @Override
        public String toString() {
            return "step " + step + ": " + figure + " was " + was + ", is " + is + relative();
        }

        private String relative() {
            try {
                double before = Double.parseDouble(was);
                double now = Double.parseDouble(is);
                return String.format(
                        Locale.ROOT, " (relative difference %.2g)", Math.abs(now - before) / Math.abs(before));
            } catch (NumberFormatException e) {
                return "";
            }
        }
    }

    /** The lines of a {@code metrics.jsonl}; one at its end that a crash cut off is none. */
    static List<JsonNode> read(Path file) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        if (!Files.exists(file)) {
            return lines;
        }
        String text = Files.readString(file, StandardCharsets.UTF_8);
        int whole = text.lastIndexOf('\n') + 1;
        text.substring(0, whole).lines().forEach(line -> lines.add(Json.parse(line)));
        return lines;
    }

    /** The step of a line. */
    static long step(JsonNode line) {
        return line.path("step").asLong();
    }

    /**
     * The first difference of the lines up to a step.
     *
     * @param run as it was written
     * @param repetition as it was made again
     * @param last step that was repeated
     */
    static Optional<Difference> first(List<JsonNode> run, List<JsonNode> repetition, long last) {
        List<JsonNode> was = run.stream().filter(line -> step(line) <= last).toList();
        List<JsonNode> is =
                repetition.stream().filter(line -> step(line) <= last).toList();
        for (int i = 0; i < Math.max(was.size(), is.size()); i++) {
            JsonNode before = i < was.size() ? was.get(i) : Json.object();
            JsonNode now = i < is.size() ? is.get(i) : Json.object();
            long step = Math.max(step(before), step(now));
            Set<String> names = new LinkedHashSet<>();
            before.fieldNames().forEachRemaining(names::add);
            now.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                if (!byTheClock(name) && !before.path(name).equals(now.path(name))) {
                    return Optional.of(new Difference(step, name, text(before.path(name)), text(now.path(name))));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean byTheClock(String name) {
        return name.startsWith("time/") || BY_THE_CLOCK.contains(name);
    }

    private static String text(JsonNode value) {
        return value.isMissingNode() ? "absent" : value.toString();
    }
}
