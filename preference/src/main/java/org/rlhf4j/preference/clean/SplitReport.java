package org.rlhf4j.preference.clean;

import java.util.LinkedHashMap;
import java.util.Map;
import org.rlhf4j.preference.read.FileSummary;

/**
 * What {@link DataSplit} did.
 *
 * @param file what was read
 * @param trainRows how many rows went to the training file
 * @param testRows how many rows went to the test file
 * @param trainPrompts how many different prompts they have
 * @param testPrompts how many different prompts they have, none of them among those for training
 */
public record SplitReport(FileSummary file, long trainRows, long testRows, long trainPrompts, long testPrompts) {
    /** The report as {@code rlhf data split --json} prints it. */
    public Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("format", file.format());
        figures.put("rows", trainRows + testRows);
        figures.put("train_rows", trainRows);
        figures.put("test_rows", testRows);
        figures.put("train_prompts", trainPrompts);
        figures.put("test_prompts", testPrompts);
        return figures;
    }
}
