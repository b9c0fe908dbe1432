package org.rlhf4j.lm.text;

import java.util.List;

/**
 * A row as token ids.
 *
 * @param index its number among the rows that were given, counted from 0
 * @param examples one example a completion, in the row's order; all share the same prompt ids
 */
public record EncodedRow(int index, List<EncodedExample> examples) {
    /** Copies the list. */
    public EncodedRow {
        examples = List.copyOf(examples);
    }
}
