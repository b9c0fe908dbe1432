package org.rlhf4j.lm.data;

import org.rlhf4j.lm.text.EncodedExample;

/**
 * What supervised fine-tuning learns from: a sequence of token ids, and which of them are imitated.
 * {@link DemonstrationSet} makes them from rows of text.
 *
 * @param place where the row stands, such as {@code sft.jsonl:17}
 * @param example the ids; at least one counts, and never the first, which nothing predicts
 */
public record EncodedDemonstration(String place, EncodedExample example) {
    /** Checks that there is something to learn. */
    public EncodedDemonstration {
        if (example.completionLength() == 0) {
            throw new IllegalArgumentException(place + ": no token counts, so there is nothing to learn");
        }
        if (example.promptLength() == 0) {
            throw new IllegalArgumentException(
                    place + ": nothing stands before the first token that counts, so nothing predicts it");
        }
    }
}
