package org.rlhf4j.preference;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;

/**
 * A completion and its place in a ranking.
 *
 * @param text the completion
 * @param rank its place from 1, the best; equal ranks are ties
 * @param score the score that the rank was derived from, higher is better; null where the data gave the rank itself
 * @param model who wrote the completion, or null
 */
public record RankedCompletion(
        Content text,
        int rank,
        @Nullable Double score,
        @Nullable String model) {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the text is blank, the rank is below 1 or the score is not finite
     */
    public RankedCompletion {
        RowRules.completion("text", text).require();
        RowRules.rank("rank", rank).require();
        RowRules.finite("score", score).require();
    }

    /**
     * A completion with its rank.
     *
     * @param text the completion
     * @param rank its place from 1, the best
     * @return the ranked completion
     */
    public static RankedCompletion of(String text, int rank) {
        return new RankedCompletion(Content.of(text), rank, null, null);
    }
}
