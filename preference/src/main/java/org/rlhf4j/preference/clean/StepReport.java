package org.rlhf4j.preference.clean;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.preference.check.Finding;

/**
 * What a step did: {@code rowsIn} is {@code rowsOut} and what was removed for each reason.
 *
 * @param step the step
 * @param rowsIn how many rows reached it
 * @param rowsOut how many went on
 * @param removed what did not, by reason
 * @param figures what else is worth knowing, by name
 */
public record StepReport(
        CleanStep step, long rowsIn, long rowsOut, List<Removal> removed, Map<String, Object> figures) {
    /** Copies the list. */
    public StepReport {
        removed = List.copyOf(removed);
    }

    /**
     * Rows removed for one reason.
     *
     * @param reason a word such as {@code too-long}
     * @param count how many
     * @param examples the first few in their order
     */
    public record Removal(String reason, long count, List<Finding.Example> examples) {
        /** Copies the list. */
        public Removal {
            examples = List.copyOf(examples);
        }
    }

    /** The report as the lineage records it: without places, which depend on where files are. */
    public Map<String, Object> record() {
        Map<String, Object> counts = new LinkedHashMap<>();
        removed.forEach(removal -> counts.put(removal.reason(), removal.count()));
        Map<String, Object> record = new LinkedHashMap<>();
        record.put("step", step.type().label());
        record.put("parameters", step.parameters());
        record.put("rows_in", rowsIn);
        record.put("rows_out", rowsOut);
        record.put("removed", counts);
        if (!figures.isEmpty()) {
            record.put("figures", figures);
        }
        return record;
    }
}
