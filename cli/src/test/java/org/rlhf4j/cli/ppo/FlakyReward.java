package org.rlhf4j.cli.ppo;

import org.rlhf4j.base.CompletionScorer;

/** Likes the letter e, as long as it can be reached. */
public final class FlakyReward implements CompletionScorer {
    /** How many completions it still scores before it cannot be reached any more. */
    static int left;

    @Override
    public double score(String prompt, String completion) {
        if (left-- <= 0) {
            throw new IllegalStateException("connection refused");
        }
        // What a fresh model writes is noise: a score that all of it shares would teach nothing.
        return completion.chars().sum() % 7;
    }
}
