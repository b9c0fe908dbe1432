package org.rlhf4j.ppo.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.rlhf4j.base.Content;
import org.rlhf4j.lm.generate.FinishReason;
import org.rlhf4j.lm.generate.GeneratedCompletion;
import org.rlhf4j.lm.text.EncodedExample;

/** Rollouts made of numbers, without a model. */
final class Rollouts {
    private Rollouts() {}

    /** Completions of the given log-probabilities' lengths that all ended, after a prompt of one token. */
    static TextRollout of(double[] scores, float[][] logProbs, float[][] reference, float[][] values) {
        List<GeneratedCompletion> completions = new ArrayList<>();
        for (float[] row : logProbs) {
            int[] ids = new int[row.length];
            Arrays.setAll(ids, t -> 3 + t);
            completions.add(completion(ids, row, FinishReason.EOS));
        }
        return of(scores, scores, completions, logProbs, reference, values);
    }

    static TextRollout of(
            double[] raw,
            double[] shaped,
            List<GeneratedCompletion> completions,
            float[][] logProbs,
            float[][] reference,
            float[][] values) {
        List<Content> prompts = new ArrayList<>();
        completions.forEach(each -> prompts.add(Content.of("?")));
        RawScores scores = new RawScores(raw, new double[][] {raw}, new boolean[raw.length], Map.of());
        return new TextRollout(prompts, completions, new Scored(scores, shaped), logProbs, reference, values);
    }

    /** A completion of a prompt of one token. */
    static GeneratedCompletion completion(int[] ids, float[] drawn, FinishReason finish) {
        return new GeneratedCompletion(new EncodedExample(new int[] {0}, 1).with(ids), "", drawn, finish);
    }
}
