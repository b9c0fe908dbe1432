package org.rlhf4j.base;

import java.util.ArrayList;
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

    /** Whether {@link #scoreSamples} takes prompts that are conversations. Nothing else is asked of whoever answers no. */
    default boolean scoresConversations() {
        return false;
    }

    /**
     * The scores of what models wrote. Unlike a row of data, what they wrote may be blank or break off anywhere, and a
     * prompt may be a conversation, of which the completion is the assistant's next turn.
     *
     * <p>Plain text goes through {@link #scoreAll}. A scorer of conversations overrides this and
     * {@link #scoresConversations}.
     *
     * @param prompts what was asked
     * @param completions what was written, one a prompt; may be blank
     * @return one score a row, {@code [completions.size()]}
     * @throws DataFormatException naming the row, counted from 1, that cannot be scored, such as a conversation
     * @throws IllegalArgumentException if there is not one completion a prompt
     */
    default double[] scoreSamples(List<Content> prompts, List<String> completions) {
        if (prompts.size() != completions.size()) {
            throw new IllegalArgumentException(
                    completions.size() + " completions for " + prompts.size() + " prompts: one each");
        }
        List<PromptCompletion> rows = new ArrayList<>(completions.size());
        for (int i = 0; i < completions.size(); i++) {
            if (!(prompts.get(i) instanceof Content.Text text)) {
                throw new DataFormatException(
                        "row " + (i + 1), 0, "the prompt is a conversation, but this scorer takes plain text");
            }
            rows.add(new PromptCompletion(text.text(), completions.get(i)));
        }
        return scoreAll(rows);
    }
}
