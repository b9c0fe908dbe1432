package org.rlhf4j.benchmarks;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.rlhf4j.core.optim.AdamW;
import org.rlhf4j.core.optim.GradientStep;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.TokenLogProbs;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
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
        this.batch = PaddedBatch.of(examples(model, rows, tokens));
        Torch.run(() -> model.parameters().setAllTrainable(true));
        this.optimizer = new AdamW(model.parameters(), ADAMW, (name, array) -> true);
        this.gradient = new GradientStep(model.parameters(), optimizer, Double.POSITIVE_INFINITY);
    }

    /** The same ids as in {@code peers/contest.py}. */
    static List<EncodedExample> examples(LanguageModel model, int rows, int tokens) {
        long vocabulary = model.config().sizes().vocabulary();
        List<EncodedExample> examples = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            long first = 1_000_003L * row;
            int[] ids = IntStream.range(0, tokens)
                    .map(column -> (int) ((first + 7_919L * column) % vocabulary))
                    .toArray();
            examples.add(new EncodedExample(ids, 1));
        }
        return examples;
    }

    @Override
    public String step() {
        int count = batch.completionTokens();
        double lossSum = gradient.accumulate(new int[] {0}, count, this::lossSum);
        gradient.update(LEARNING_RATE);
        return Double.toString(lossSum / count);
    }

    private NDArray lossSum(Tape tape) {
        NDArray hidden = model.decoder().hidden(batch);
        NDArray rows = hidden.reshape(-1, hidden.getShape().get(2));
        NDArray index = HostCopy.create(Torch.manager(), batch.completionPredictors());
        return TokenLogProbs.of(tape, TorchOps.rows(rows, index), model.headWeight(), batch.completionTargets(), 1)
                .logProb()
                .sum()
                .neg();
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
