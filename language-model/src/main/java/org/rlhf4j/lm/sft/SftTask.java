package org.rlhf4j.lm.sft;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.TokenCrossEntropy;
import org.rlhf4j.core.train.MetricSums;
import org.rlhf4j.core.train.TrainingTask;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.PaddedBatch;
import org.rlhf4j.lm.data.EncodedDemonstration;
import org.rlhf4j.lm.text.EncodedExample;

/**
 * Demonstrations as rows of the {@link org.rlhf4j.core.train.TrainingLoop}. The loss of a batch is the mean over all its
 * tokens that count, so a long completion weighs more than a short one, however the batch is cut.
 */
final class SftTask implements TrainingTask {
    private final LanguageModel model;
    private final List<EncodedDemonstration> rows;
    private final List<EncodedDemonstration> heldOut;
    private final boolean packing;
    private final int[] counted;

    /**
     * A task.
     *
     * @param model is trained
     * @param rows what is learned from
     * @param heldOut what is evaluated; may be empty
     * @param packing whether rows of a micro-batch share the rows of a matrix
     */
    SftTask(LanguageModel model, List<EncodedDemonstration> rows, List<EncodedDemonstration> heldOut, boolean packing) {
        this.model = model;
        this.packing = packing;
        this.rows = List.copyOf(rows);
        this.heldOut = List.copyOf(heldOut);
        this.counted =
                rows.stream().mapToInt(row -> row.example().completionLength()).toArray();
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public String rowId(int row) {
        return rows.get(row).place();
    }

    @Override
    public long tokens(int row) {
        return rows.get(row).example().length();
    }

    @Override
    public double normaliser(int[] batch) {
        return Arrays.stream(batch).mapToDouble(row -> counted[row]).sum();
    }

    @Override
    public NDArray lossSum(int[] batch, Tape tape, MetricSums metrics) {
        List<EncodedExample> examples =
                Arrays.stream(batch).mapToObj(row -> rows.get(row).example()).toList();
        PaddedBatch padded = packing ? PaddedBatch.packed(examples) : PaddedBatch.of(examples);
        TokenCrossEntropy values = model.crossEntropy(tape, padded);
        metrics.mean("entropy", values.entropySum(), padded.completionTokens());
        metrics.mean("mean_token_accuracy", values.correct(), padded.completionTokens());
        return values.sum();
    }

    @Override
    public Map<String, Double> evaluate() {
        if (heldOut.isEmpty()) {
            return Map.of();
        }
        SftEvaluation figures = SftEvaluation.of(model, heldOut);
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", figures.loss());
        values.put("perplexity", figures.perplexity());
        values.put("entropy", figures.entropy());
        values.put("mean_token_accuracy", figures.tokenAccuracy());
        return values;
    }

    @Override
    public Map<String, Better> comparable() {
        return heldOut.isEmpty() ? Map.of() : Map.of("loss", Better.LOWER, "mean_token_accuracy", Better.HIGHER);
    }
}
