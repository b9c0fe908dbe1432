package org.rlhf4j.integration.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.core.train.TrainingResult;
import org.rlhf4j.dpo.DpoLoss;
import org.rlhf4j.dpo.DpoTrainer;
import org.rlhf4j.dpo.ReferenceLogProbs;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.data.ComparisonSet;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.TiePolicy;
import org.rlhf4j.preference.read.Preferences;
import org.rlhf4j.preference.read.Rows;

/** Aligns a language model with ranked completions by DPO. */
final class AlignExample {
    private AlignExample() {}

    /** Rankings and a language model in, an aligned one out. */
    static TrainingResult align(Path languageModel, Path rankings, TrainingConfig config, Path target)
            throws IOException {
        try (LanguageModel policy = LanguageModel.open(languageModel);
                Rows<PreferencePair> pairs = Preferences.readPairs(rankings, PairStrategy.ALL, TiePolicy.DROP)) {
            List<Comparison> data =
                    ComparisonSet.encode(pairs, policy.encoder(), true).rows();
            // Before the first step the policy is its own reference.
            ReferenceLogProbs reference = ReferenceLogProbs.precompute(policy, DpoTrainer.completions(data));
            TrainingResult result = new DpoTrainer(policy, reference, DpoLoss.DEFAULT, config).train(data, List.of());
            policy.save(target);
            return result;
        }
    }
}
