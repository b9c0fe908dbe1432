package org.rlhf4j.integration.examples;

import java.io.IOException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.lm.data.ComparisonSet;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.TiePolicy;
import org.rlhf4j.preference.read.Preferences;
import org.rlhf4j.preference.read.Rows;
import org.rlhf4j.reward.PairwiseLoss;
import org.rlhf4j.reward.RewardEvaluation;
import org.rlhf4j.reward.RewardModel;
import org.rlhf4j.reward.RewardTrainer;

/** Trains a reward model from ranked completions. */
final class TrainExample {
    private TrainExample() {}

    /** Rankings and a language model in, a reward model out; returns how well it fits what it learned from. */
    static RewardEvaluation train(Path languageModel, Path rankings, TrainingConfig config, Path target)
            throws IOException {
        try (RewardModel model = RewardModel.start(languageModel, UnaryOperator.identity(), config.seed());
                Rows<PreferencePair> pairs = Preferences.readPairs(rankings, PairStrategy.ALL, TiePolicy.DROP)) {
            ComparisonSet data = ComparisonSet.encode(pairs, model.encoder(), true);
            RewardEvaluation fit = new RewardTrainer(model, PairwiseLoss.PLAIN, config)
                    .train(data.rows(), data.rows())
                    .evaluation()
                    .orElseThrow();
            model.save(target, fit.scale().orElse(null));
            return fit;
        }
    }
}
