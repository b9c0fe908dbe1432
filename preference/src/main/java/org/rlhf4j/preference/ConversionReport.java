package org.rlhf4j.preference;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@link DataConversion} did.
 *
 * @param format the format of the input; several are joined by commas
 * @param kind what was written
 * @param rowsIn how many rows were read, bad ones too
 * @param rowsOut how many rows were written
 * @param rowsDropped how many rows were invalid and left out
 * @param dropped why rows were left out
 * @param tiesDropped how many pairs were left out because their completions are tied
 * @param rankingsWithoutPairs how many rankings gave no pair, all their completions being tied
 * @param unusedFields on how many rows a field stood that was not carried over, by its name
 */
public record ConversionReport(
        String format,
        Row.Kind kind,
        long rowsIn,
        long rowsOut,
        long rowsDropped,
        List<Finding> dropped,
        long tiesDropped,
        long rankingsWithoutPairs,
        Map<String, Long> unusedFields) {
    /** Copies the collections. */
    public ConversionReport {
        dropped = List.copyOf(dropped);
        unusedFields = Map.copyOf(unusedFields);
    }

    /** The report as {@code rlhf data convert --json} prints it. */
    public Map<String, Object> figures() {
        Map<String, Object> reasons = new LinkedHashMap<>();
        dropped.forEach(finding -> reasons.put(finding.rule().id(), finding.count()));
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("format", format);
        figures.put("kind", kind.plural());
        figures.put("rows_in", rowsIn);
        figures.put("rows_out", rowsOut);
        figures.put("rows_dropped", rowsDropped);
        figures.put("dropped", reasons);
        figures.put("ties_dropped", tiesDropped);
        figures.put("rankings_without_pairs", rankingsWithoutPairs);
        figures.put("unused_fields", unusedFields);
        return figures;
    }
}
