package org.rlhf4j.dpo;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.TokenLogProbs;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.core.train.MetricSums;
import org.rlhf4j.core.train.TrainingTask;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.LengthBatches;
import org.rlhf4j.lm.PaddedBatch;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.data.PairBatch;
import org.rlhf4j.lm.text.EncodedExample;

/**
 * Pairs as rows of the {@link org.rlhf4j.core.train.TrainingLoop}; every completion of a micro-batch, chosen and rejected,
 * goes through one forward pass, and one that stands in several pairs of a row goes through it once.
 */
final class DpoTask implements TrainingTask {
    /** Real tokens of one forward pass of an evaluation. */
    private static final int TOKENS_PER_BATCH = 8192;

    private final LanguageModel policy;
    private final ReferenceLogProbs reference;
    private final DpoLoss loss;
    private final List<Comparison.Pairs> rows;
    private final List<Comparison.Pairs> heldOut;

    /**
     * A task.
     *
     * @param policy is trained
     * @param reference knows every completion of rows and held-out rows
     * @param loss of pairs
     * @param rows what is learned from
     * @param heldOut what is evaluated; may be empty
     */
    DpoTask(
            LanguageModel policy,
            ReferenceLogProbs reference,
            DpoLoss loss,
            List<Comparison.Pairs> rows,
            List<Comparison.Pairs> heldOut) {
        this.policy = policy;
        this.reference = reference;
        this.loss = loss;
        this.rows = List.copyOf(rows);
        this.heldOut = List.copyOf(heldOut);
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
        return tokens(rows.get(row));
    }

    private static int tokens(Comparison.Pairs row) {
        return row.examples().stream().mapToInt(EncodedExample::length).sum();
    }

    @Override
    public double normaliser(int[] batch) {
        return Arrays.stream(batch).mapToDouble(row -> rows.get(row).weight()).sum();
    }

    @Override
    public NDArray lossSum(int[] batch, Tape tape, MetricSums metrics) {
        return lossSum(Arrays.stream(batch).mapToObj(rows::get).toList(), tape, metrics);
    }

    private NDArray lossSum(List<Comparison.Pairs> batch, Tape tape, MetricSums metrics) {
        PairBatch pairs = PairBatch.of(batch);
        PaddedBatch padded = PaddedBatch.of(pairs.examples());
        TokenLogProbs tokens = policy.tokenLogProbs(tape, padded);
        metrics.mean("entropy", tokens.entropy().sum().toFloatArray()[0], padded.completionTokens());
        NDArray rowOfToken = HostCopy.create(Torch.manager(), rowOfToken(padded));
        SequenceLogProbs sequences = new SequenceLogProbs(
                sums(tokens.logProb(), rowOfToken, padded.rows()),
                HostCopy.create(Torch.manager(), reference.of(pairs.examples())),
                HostCopy.create(Torch.manager(), lengths(padded)));
        double[] correct = sums(tokens.correct(), rowOfToken, padded.rows()).toDoubleArray();
        PairMetrics.observe(pairs, sequences, correct, loss.beta(), metrics);
        NDArray losses =
                loss.perPair(sequences.at(pairs.chosen()), sequences.at(pairs.rejected()), pairs.probabilities());
        return losses.mul(HostCopy.create(Torch.manager(), pairs.weights())).sum();
    }

    private static NDArray sums(NDArray tokens, NDArray rowOfToken, int rows) {
        return TorchOps.segmentSum(TorchOps.toFloat64(tokens), rowOfToken, rows);
    }

    private static long[] rowOfToken(PaddedBatch padded) {
        long[] rows = new long[padded.completionTokens()];
        int at = 0;
        for (int row = 0; row < padded.rows(); row++) {
            int end = at + padded.completionTokens(row);
            Arrays.fill(rows, at, end, row);
            at = end;
        }
        return rows;
    }

    private static double[] lengths(PaddedBatch padded) {
        double[] lengths = new double[padded.rows()];
        Arrays.setAll(lengths, padded::completionTokens);
        return lengths;
    }

    @Override
    public Map<String, Double> evaluate() {
        if (heldOut.isEmpty()) {
            return Map.of();
        }
        int[] lengths = heldOut.stream().mapToInt(DpoTask::tokens).toArray();
        MetricSums metrics = new MetricSums();
        double sum = 0;
        for (int[] batch : LengthBatches.plan(lengths, TOKENS_PER_BATCH, heldOut.size())) {
            List<Comparison.Pairs> part =
                    Arrays.stream(batch).mapToObj(heldOut::get).toList();
            sum += Tape.evaluate(tape -> lossSum(part, tape, metrics));
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put(
                "loss", sum / heldOut.stream().mapToDouble(Comparison::weight).sum());
        values.putAll(metrics.values());
        return values;
    }

    @Override
    public Map<String, Better> comparable() {
        if (heldOut.isEmpty()) {
            return Map.of();
        }
        Map<String, Better> figures = new LinkedHashMap<>(Map.of("loss", Better.LOWER));
        if (PairMetrics.anyOrdered(PairBatch.of(new ArrayList<>(heldOut)))) {
            figures.put(PairMetrics.ACCURACIES, Better.HIGHER);
            figures.put(PairMetrics.MARGINS, Better.HIGHER);
        }
        return figures;
    }
}
