package org.rlhf4j.benchmarks;

import java.util.stream.IntStream;
import org.rlhf4j.core.optim.AdamW;
import org.rlhf4j.core.optim.GradientStep;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.PaddedBatch;
import org.rlhf4j.lm.text.EncodedExample;

/** Forward, backward and AdamW on the mean negative log-likelihood of every token after the first. */
final class TrainingRace implements Race {
    private static final double LEARNING_RATE = 1e-4;
    private static final AdamW.Settings ADAMW = new AdamW.Settings(0.9, 0.999, 1e-8, 0.01);

    private final LanguageModel model;
    private final PaddedBatch batch;
    private final AdamW optimizer;
    private final GradientStep gradient;

    TrainingRace(LanguageModel model, int rows, int tokens) {
        this.model = model;
        int vocabulary = model.config().sizes().vocabulary();
        this.batch = PaddedBatch.of(IntStream.range(0, rows)
                .mapToObj(row -> new EncodedExample(Ids.row(row, tokens, vocabulary), 1))
                .toList());
        Torch.run(() -> model.parameters().setAllTrainable(true));
        this.optimizer = new AdamW(model.parameters(), ADAMW, (name, array) -> true);
        this.gradient = new GradientStep(model.parameters(), optimizer, Double.POSITIVE_INFINITY);
    }

    @Override
    public String step() {
        int count = batch.completionTokens();
        double lossSum = gradient.accumulate(
                new int[] {0}, count, tape -> model.crossEntropy(tape, batch).sum());
        gradient.update(LEARNING_RATE);
        return Double.toString(lossSum / count);
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
