package org.rlhf4j.integration.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.rlhf4j.base.Json;

/** The lines of a run's logs, as two runs must have them in common. */
final class RunLogs {
    /** What depends on how fast the machine was. */
    private static final Pattern TIMES = Pattern.compile("eps|.*per_second|time/.*|charts/SPS");

    private RunLogs() {}

    /** Each line without the keys that are times or rates. */
    static List<String> withoutTimes(Path file) throws IOException {
        return Files.readAllLines(file).stream().map(RunLogs::withoutTimes).toList();
    }

    private static String withoutTimes(String line) {
        JsonNode row = Json.parse(line);
        if (row instanceof ObjectNode object) {
            List<String> names = new java.util.ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            names.stream().filter(name -> TIMES.matcher(name).matches()).forEach(object::remove);
        }
        return Json.write(row);
    }
}
