package org.rlhf4j.lm.text;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;

/**
 * A prompt with its completions, as text, and where it comes from.
 *
 * @param place where the row stands, such as {@code pairs.jsonl:17}, for messages
 * @param prompt the prompt; may be empty. Null where a row is one whole: plain text, all of which counts but its first
 *     token, which nothing predicts; or a conversation, in which every turn of the assistant counts
 * @param completions its completions: one for a demonstration, two for a pair, more for a ranking
 */
public record TextRow(String place, @Nullable Content prompt, List<Content> completions) {
    /** Copies the list. */
    public TextRow {
        completions = List.copyOf(completions);
        if (completions.isEmpty()) {
            throw new IllegalArgumentException(place + ": a row needs at least one completion");
        }
    }
}
