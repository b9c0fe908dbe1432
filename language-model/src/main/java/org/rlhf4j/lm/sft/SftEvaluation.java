package org.rlhf4j.lm.sft;

import java.util.Arrays;
import java.util.List;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.TokenCrossEntropy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.LengthBatches;
import org.rlhf4j.lm.PaddedBatch;
import org.rlhf4j.lm.data.EncodedDemonstration;

/**
 * How well a model predicts demonstrations: means over all tokens that count.
 *
 * @param tokens how many count
 * @param loss mean negative log-likelihood, in nats
 * @param tokenAccuracy share of tokens than which the model holds no other more probable
 * @param entropy mean entropy of the model's predictions, in nats
 */
public record SftEvaluation(long tokens, double loss, double tokenAccuracy, double entropy) {
    /** Padded tokens of one forward pass; bounds the memory whatever the number of rows. */
    private static final int TOKENS_PER_BATCH = 8192;

    /** {@code exp(loss)}: among how many equally likely tokens the model would be as unsure. */
    public double perplexity() {
        return Math.exp(loss);
    }

    /**
     * Evaluates a model, without changing it.
     *
     * @param model predicts
     * @param rows at least one
     */
    public static SftEvaluation of(LanguageModel model, List<EncodedDemonstration> rows) {
        int[] lengths = rows.stream().mapToInt(row -> row.example().length()).toArray();
        double[] sums = new double[3];
        long tokens = 0;
        for (int[] part : LengthBatches.plan(lengths, TOKENS_PER_BATCH, rows.size())) {
            PaddedBatch batch = PaddedBatch.of(
                    Arrays.stream(part).mapToObj(row -> rows.get(row).example()).toList());
            tokens += batch.completionTokens();
            sums[0] += Torch.call(() -> Tape.evaluate(tape -> {
                TokenCrossEntropy values = model.crossEntropy(tape, batch);
                sums[1] += values.correct();
                sums[2] += values.entropySum();
                return values.sum();
            }));
        }
        return new SftEvaluation(tokens, sums[0] / tokens, sums[1] / tokens, sums[2] / tokens);
    }
}
