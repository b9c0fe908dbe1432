package org.rlhf4j.integration.faults;

import org.rlhf4j.base.CompletionScorer;

/** Likes the letter e. */
public final class LetterReward implements CompletionScorer {
    @Override
    public double score(String prompt, String completion) {
        return completion.chars().filter(letter -> letter == 'e').count();
    }
}
