package org.rlhf4j.preference.convert;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.check.Finding;
import org.rlhf4j.preference.read.FileSummary;

/**
 * What {@link DataConversion} did.
 *
 * @param files what was read
 * @param kind what was written
 * @param rowsOut how many rows were written
 * @param rowsDropped how many rows were invalid and left out
 * @param dropped why rows were left out
 * @param tiesDropped how many pairs were left out because their completions are tied
 * @param rankingsWithoutPairs how many rankings gave no pair, all their completions being tied
 * @param leftOver the sources that had rows left when the mixing of sources ended
 * @param unusedFields on how many rows a field stood that was not carried over, by its name
 */
public record ConversionReport(
        List<FileSummary> files,
        Row.Kind kind,
        long rowsOut,
        long rowsDropped,
        List<Finding> dropped,
        long tiesDropped,
        long rankingsWithoutPairs,
        List<String> leftOver,
        Map<String, Long> unusedFields) {
    /** Copies the collections. */
    public ConversionReport {
        files = List.copyOf(files);
        dropped = List.copyOf(dropped);
        leftOver = List.copyOf(leftOver);
        unusedFields = Map.copyOf(unusedFields);
    }

    /** The formats of the files, each once, joined by commas. */
    public String format() {
        return files.stream().map(FileSummary::format).distinct().collect(Collectors.joining(","));
    }

    /** How many rows were read, bad ones too. */
    public long rowsIn() {
        return files.stream().mapToLong(FileSummary::rows).sum();
    }

    /** The report as {@code rlhf data convert --json} prints it. */
    public Map<String, Object> figures() {
        Map<String, Object> reasons = new LinkedHashMap<>();
        dropped.forEach(finding -> reasons.put(finding.rule().id(), finding.count()));
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("format", format());
        figures.put("kind", kind.plural());
        figures.put("rows_in", rowsIn());
        figures.put("rows_out", rowsOut);
        figures.put("rows_dropped", rowsDropped);
        figures.put("dropped", reasons);
        figures.put("ties_dropped", tiesDropped);
        figures.put("rankings_without_pairs", rankingsWithoutPairs);
        figures.put("left_over", leftOver);
        figures.put("unused_fields", unusedFields);
        return figures;
    }
}
