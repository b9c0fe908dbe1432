package org.rlhf4j.lm.text;

import java.util.List;

/**
 * A data set as token ids, with what was changed or left out on the way.
 *
 * @param rows the rows that were kept, in their order
 * @param counts what happened to all of them
 */
public record EncodedRows(List<EncodedRow> rows, EncodingCounts counts) {
    /** Copies the list. */
    public EncodedRows {
        rows = List.copyOf(rows);
    }
}
