package org.rlhf4j.preference.clean;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.check.Finding;
import org.rlhf4j.preference.read.FileSummary;

/**
 * What {@link DataCleaning} did.
 *
 * @param files what was read
 * @param kind what the rows are
 * @param notes why objects of the files gave no row although they are valid
 * @param steps what each step did, in their order
 * @param rowsIn how many rows were read
 * @param rowsOut how many were written
 * @param unusedFields on how many rows a field stood that was not carried over, by its name
 */
public record CleanReport(
        List<FileSummary> files,
        Row.Kind kind,
        List<Finding> notes,
        List<StepReport> steps,
        long rowsIn,
        long rowsOut,
        Map<String, Long> unusedFields) {
    /** Copies the lists. */
    public CleanReport {
        files = List.copyOf(files);
        notes = List.copyOf(notes);
        steps = List.copyOf(steps);
    }

    /**
     * Refuses that nothing is left.
     *
     * @return this
     * @throws DataFormatException if no row was written; it says how many were left after each step
     */
    public CleanReport requireRows() {
        if (rowsOut == 0) {
            StringBuilder left = new StringBuilder();
            steps.forEach(step -> left.append(", ")
                    .append(step.rowsOut())
                    .append(" after ")
                    .append(step.step().text()));
            throw new DataFormatException("no row is left: " + rowsIn + " read" + left);
        }
        return this;
    }

    /** The report as {@code rlhf data clean --json} prints it. */
    public Map<String, Object> figures() {
        List<Map<String, Object>> taken = new ArrayList<>();
        for (StepReport step : steps) {
            Map<String, Object> record = new LinkedHashMap<>(step.record());
            Map<String, Object> examples = new LinkedHashMap<>();
            step.removed()
                    .forEach(removal -> examples.put(
                            removal.reason(),
                            removal.examples().stream()
                                    .map(example -> Map.of("place", example.place(), "detail", example.detail()))
                                    .toList()));
            record.put("examples", examples);
            taken.add(record);
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("kind", kind.plural());
        figures.put("rows_in", rowsIn);
        figures.put("rows_out", rowsOut);
        figures.put("steps", taken);
        figures.put("unused_fields", unusedFields);
        return figures;
    }
}
