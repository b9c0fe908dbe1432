package org.rlhf4j.reward;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.lm.ModelPreset;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.text.ByteLevelTokenizer;

/** Fresh models and settings that are the same in every test. */
final class TinyModels {
    private TinyModels() {}

    /** A language model of the preset tiny with the byte-level tokenizer, in a new directory. */
    static Path languageModel(Path folder) {
        Path directory = folder.resolve("tiny");
        try {
            ModelPreset.TINY.create(Storage.disk(), directory, ByteLevelTokenizer.files(ModelPreset.CONTEXT), 7);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return directory;
    }

    /** A reward model with a fresh head on {@link #languageModel}. */
    static RewardModel rewardModel(Path folder) {
        return RewardModel.start(languageModel(folder), UnaryOperator.identity(), 1);
    }

    /** Settings of a short run. */
    static TrainingConfig config(int steps, int batchSize, double learningRate) {
        return new TrainingConfig(
                1, steps, batchSize, batchSize, true, false, 3, 10, 0, null, OptimizerConfig.defaults(learningRate));
    }

    /** Pairs that only their words tell apart. */
    static List<Comparison> pairs(RewardModel model, int count) {
        return IntStream.range(0, count)
                .<Comparison>mapToObj(i -> Comparison.Pairs.of(
                        "pairs.jsonl:" + (i + 1),
                        model.encoder().encode("Question " + i + "?", "word " + (i * 7919 % 97)),
                        model.encoder().encode("Question " + i + "?", "word " + (i * 104729 % 89 + 100))))
                .toList();
    }
}
