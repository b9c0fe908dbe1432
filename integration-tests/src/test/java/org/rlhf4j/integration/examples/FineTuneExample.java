package org.rlhf4j.integration.examples;

import java.io.IOException;
import java.nio.file.Path;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.data.DemonstrationSet;
import org.rlhf4j.lm.data.LossTokens;
import org.rlhf4j.lm.sft.SftEvaluation;
import org.rlhf4j.lm.sft.SftTrainer;
import org.rlhf4j.preference.CompletionChoice;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.read.Preferences;
import org.rlhf4j.preference.read.Rows;

/** Fine-tunes a language model on the best completions of rankings. */
final class FineTuneExample {
    private FineTuneExample() {}

    /** Rankings and a language model in, a language model out; returns how well it predicts what it learned from. */
    static SftEvaluation train(Path languageModel, Path rankings, TrainingConfig config, Path target)
            throws IOException {
        try (LanguageModel model = LanguageModel.open(languageModel);
                Rows<Demonstration> best = Preferences.readDemonstrations(rankings, CompletionChoice.BEST)) {
            DemonstrationSet data = DemonstrationSet.encode(best, model.encoder(), LossTokens.COMPLETION);
            SftEvaluation fit = new SftTrainer(model, config)
                    .train(data.rows(), data.rows())
                    .evaluation()
                    .orElseThrow();
            model.save(target);
            return fit;
        }
    }
}
