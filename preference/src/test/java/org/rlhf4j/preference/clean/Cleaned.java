package org.rlhf4j.preference.clean;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.rlhf4j.preference.Samples;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.read.ReadOptions;

/** Rows that went through steps. */
record Cleaned(CleanReport report, List<String> kept, List<ObjectNode> removed) {
    /** Cleans rows that are written to {@code rows.jsonl}. */
    static Cleaned of(Path directory, ReadOptions options, List<String> rows, String... steps) throws IOException {
        Path file = Samples.file(directory, "rows.jsonl", rows.toArray(String[]::new));
        ByteArrayOutputStream kept = new ByteArrayOutputStream();
        List<ObjectNode> removed = new ArrayList<>();
        DataCleaning cleaning =
                new DataCleaning(options, Stream.of(steps).map(CleanStep::parse).toList());
        CleanReport report = cleaning.run(List.of(Samples.source(file)), RowWriter.plain(kept), removed::add);
        return new Cleaned(report, kept.toString(StandardCharsets.UTF_8).lines().toList(), removed);
    }

    /** How many rows a step removed, by reason. */
    Map<String, Long> counts(int step) {
        Map<String, Long> counts = new LinkedHashMap<>();
        report.steps().get(step).removed().forEach(removal -> counts.put(removal.reason(), removal.count()));
        return counts;
    }

    /** Rows with apostrophes for quotes. */
    static List<String> rows(String... rows) {
        return Stream.of(rows).map(Samples::json).toList();
    }
}
