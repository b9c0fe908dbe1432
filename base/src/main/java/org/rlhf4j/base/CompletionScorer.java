package org.rlhf4j.base;

import java.util.List;

/**
 * Gives a completion of a prompt a score; higher is better.
 *
 * <p>A reward model is one; so is a lambda over strings. The scale is the scorer's own: only differences between
 * completions of the same prompt carry meaning unless the scorer says more.
 *
 * <p>Threads: whoever takes a scorer may call it from several threads at once, so an implementation must allow that
 * (by having no mutable state, or by queueing). The same arguments give the same score.
 */
@FunctionalInterface
public interface CompletionScorer {
    /**
     * The score of one completion.
     *
     * @param prompt what was asked
     * @param completion what was answered
     * @return a finite number; higher is better
     */
    double score(String prompt, String completion);

    /**
     * The scores of many completions, in the order of the rows. A scorer that gains from batches overrides this; the
     * results are the same as one by one.
     *
     * @param rows prompts with a completion each
     * @return one score a row, {@code [rows.size()]}
     */
    default double[] scoreAll(List<PromptCompletion> rows) {
        double[] scores = new double[rows.size()];
        int i = 0;
        for (PromptCompletion row : rows) {
            scores[i++] = score(row.prompt(), row.completion());
        }
        return scores;
    }
}
