package org.rlhf4j.integration.faults;

import org.rlhf4j.base.CompletionScorer;

/** Tells even the noise of a fresh model apart: a score that all of it shares would teach nothing. */
public final class NoiseReward implements CompletionScorer {
    @Override
    public double score(String prompt, String completion) {
        return completion.chars().sum() % 7;
    }
}
