package org.rlhf4j.cli.ppo;

import org.rlhf4j.base.CompletionScorer;

/** Answers four times, the rollout of the tests, and then never again. */
public final class TiredReward implements CompletionScorer {
    private int answers;

    @Override
    public double score(String prompt, String completion) {
        answers++;
        return answers <= 4 ? answers : Double.NaN;
    }
}
