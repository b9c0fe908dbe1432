package org.rlhf4j.benchmarks;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.dpo.DpoLoss;
import org.rlhf4j.dpo.DpoTrainer;
import org.rlhf4j.dpo.ReferenceLogProbs;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.text.EncodedExample;

/** Steps of the DPO trainer on one batch of pairs, with reference log-probabilities computed beforehand. */
final class DpoRace implements Race {
    private static final int PROMPT = 64;
    private static final double LEARNING_RATE = 1e-5;

    private final SteppedTraining training;

    /** Pairs of {@code rows} completions in all, each of {@code tokens} tokens with its prompt. */
    DpoRace(LanguageModel model, int rows, int tokens) {
        int vocabulary = model.config().sizes().vocabulary();
        List<Comparison> pairs = IntStream.range(0, rows / 2)
                .<Comparison>mapToObj(pair -> Comparison.Pairs.of(
                        "pair " + pair,
                        example(2 * pair, 2 * pair, tokens, vocabulary),
                        example(2 * pair, 2 * pair + 1, tokens, vocabulary)))
                .toList();
        ReferenceLogProbs reference = ReferenceLogProbs.precompute(model, DpoTrainer.completions(pairs));
        DpoTrainer trainer = new DpoTrainer(model, reference, DpoLoss.DEFAULT, config(pairs.size()));
        this.training = new SteppedTraining("dpo", hooks -> trainer.train(pairs, List.of(), hooks));
    }

    private static EncodedExample example(int promptRow, int row, int tokens, int vocabulary) {
        int[] ids = Ids.row(row, tokens, vocabulary - 1);
        System.arraycopy(Ids.row(promptRow, PROMPT, vocabulary - 1), 0, ids, 0, PROMPT);
        ids[tokens - 1] = vocabulary - 1;
        return new EncodedExample(ids, PROMPT);
    }

    private static TrainingConfig config(int pairs) {
        OptimizerConfig optimizer = new OptimizerConfig(
                LEARNING_RATE, OptimizerConfig.LearningRate.CONSTANT, 0, 0, 0, 1, 0.9, 0.999, 1e-8, 0);
        return new TrainingConfig(1, Integer.MAX_VALUE, pairs, pairs, true, false, 0, 1, 0, null, optimizer);
    }

    /** The loss of one step. */
    @Override
    public String step() {
        return Double.toString(Objects.requireNonNull(training.step().get("loss")));
    }

    @Override
    public void close() {
        training.close();
    }
}
