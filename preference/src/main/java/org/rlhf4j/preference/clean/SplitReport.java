package org.rlhf4j.preference.clean;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.read.FileSummary;

/**
 * What {@link DataSplit} did.
 *
 * @param files what was read
 * @param train what is trained on
 * @param valid what is validated on; null where nothing is
 * @param test what is tested on
 */
public record SplitReport(
        List<FileSummary> files, Part train, @Nullable Part valid, Part test) {
    /** Copies the list. */
    public SplitReport {
        files = List.copyOf(files);
    }

    /**
     * What one file got.
     *
     * @param rows how many rows
     * @param prompts how many different prompts they have, none of them in another file; where near duplicates stay
     *     together, how many groups of them
     */
    public record Part(long rows, long prompts) {}

    /** The report as {@code rlhf data split --json} prints it. */
    public Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("format", files.get(0).format());
        figures.put("rows", train.rows() + (valid == null ? 0 : valid.rows()) + test.rows());
        put(figures, "train", train);
        if (valid != null) {
            put(figures, "valid", valid);
        }
        put(figures, "test", test);
        return figures;
    }

    private static void put(Map<String, Object> figures, String name, Part part) {
        figures.put(name + "_rows", part.rows());
        figures.put(name + "_prompts", part.prompts());
    }
}
