package org.rlhf4j.reward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.train.MetricSums;
import org.rlhf4j.core.train.TrainingTask;
import org.rlhf4j.lm.PaddedBatch;
import org.rlhf4j.lm.SequenceScorer;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.data.PairBatch;
import org.rlhf4j.lm.text.EncodedExample;

/**
 * Pairs and rankings as rows of the {@link org.rlhf4j.core.train.TrainingLoop}; every completion of a micro-batch goes
 * through one forward pass.
 */
final class RewardTask implements TrainingTask {
    private final SequenceScorer scorer;
    private final PairwiseLoss pairwise;
    private final List<Comparison> rows;
    private final @Nullable Supplier<RewardEvaluation> heldOut;

    /** The rows of a micro-batch as one list of completions: those of pairs first, then those of rankings. */
    private static final class Parts {
        private final PairBatch pairs;
        private final List<Comparison.Ranked> rankings;
        private final List<EncodedExample> examples = new ArrayList<>();

        Parts(List<Comparison> batch) {
            pairs = PairBatch.of(rows(batch, Comparison.Pairs.class));
            rankings = rows(batch, Comparison.Ranked.class);
            examples.addAll(pairs.examples());
            rankings.forEach(ranking -> examples.addAll(ranking.examples()));
        }

        private static <T extends Comparison> List<T> rows(List<Comparison> batch, Class<T> kind) {
            return batch.stream().filter(kind::isInstance).map(kind::cast).toList();
        }

        int firstRanked() {
            return pairs.examples().size();
        }
    }

    /**
     * A task.
     *
     * @param scorer is trained
     * @param pairwise loss of pairs
     * @param rows what is learned from
     * @param heldOut evaluates the scorer, or null when nothing is held out
     */
    RewardTask(
            SequenceScorer scorer,
            PairwiseLoss pairwise,
            List<Comparison> rows,
            @Nullable Supplier<RewardEvaluation> heldOut) {
        this.scorer = scorer;
        this.pairwise = pairwise;
        this.rows = List.copyOf(rows);
        this.heldOut = heldOut;
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
        return rows.get(row).examples().stream()
                .mapToLong(EncodedExample::length)
                .sum();
    }

    @Override
    public double normaliser(int[] batch) {
        double weight = 0;
        for (int row : batch) {
            weight += rows.get(row).weight();
        }
        return weight;
    }

    @Override
    public NDArray lossSum(int[] batch, Tape tape, MetricSums metrics) {
        Parts parts = new Parts(Arrays.stream(batch).mapToObj(rows::get).toList());
        NDArray scores = scorer.scores(PaddedBatch.of(parts.examples));
        List<NDArray> sums = new ArrayList<>();
        if (!parts.pairs.pairs().isEmpty()) {
            sums.add(pairLoss(parts.pairs, scores));
        }
        if (!parts.rankings.isEmpty()) {
            sums.add(rankingLoss(parts.rankings, scores.get(new NDIndex("{}:", parts.firstRanked()))));
        }
        observe(parts, scores.toFloatArray(), metrics);
        return sums.stream().reduce(NDArray::add).orElseThrow();
    }

    private NDArray pairLoss(PairBatch pairs, NDArray scores) {
        NDArray losses = pairwise.perPair(
                scores.get(Vectors.indices(scores, pairs.chosen())),
                scores.get(Vectors.indices(scores, pairs.rejected())),
                pairs.margins(),
                pairs.probabilities());
        return losses.mul(Vectors.like(losses, pairs.weights())).sum();
    }

    private static NDArray rankingLoss(List<Comparison.Ranked> rankings, NDArray scores) {
        List<int[]> ranks = rankings.stream()
                .map(ranking ->
                        ranking.ranks().stream().mapToInt(Integer::intValue).toArray())
                .toList();
        NDArray losses = PlackettLuce.perRanking(scores, ranks);
        return losses.mul(weights(losses, rankings)).sum();
    }

    private static NDArray weights(NDArray losses, List<? extends Comparison> rows) {
        return Vectors.like(
                losses, rows.stream().mapToDouble(Comparison::weight).toArray());
    }

    /** The figures of TRL's reward trainer, over every pair of completions that the labels order. */
    private static void observe(Parts parts, float[] scores, MetricSums metrics) {
        for (Comparison.Preference pair : parts.pairs.pairs()) {
            if (pair.probability() != 0.5) {
                double difference = scores[pair.chosen()] - scores[pair.rejected()];
                ordered(pair.probability() > 0.5 ? difference : -difference, metrics);
            }
        }
        int from = parts.firstRanked();
        for (Comparison.Ranked ranking : parts.rankings) {
            List<Integer> ranks = ranking.ranks();
            for (int i = 0; i < ranks.size(); i++) {
                for (int j = i + 1; j < ranks.size(); j++) {
                    if (ranks.get(i) < ranks.get(j)) {
                        ordered(scores[from + i] - scores[from + j], metrics);
                    }
                }
            }
            from += ranks.size();
        }
        for (float score : scores) {
            metrics.min("min_reward", score);
            metrics.mean("mean_reward", score, 1);
            metrics.max("max_reward", score);
        }
    }

    private static void ordered(double forBetter, MetricSums metrics) {
        metrics.mean("accuracy", forBetter > 0 ? 1 : 0, 1);
        metrics.mean("margin", forBetter, 1);
    }

    @Override
    public Map<String, Double> evaluate() {
        if (heldOut == null) {
            return Map.of();
        }
        RewardEvaluation figures = heldOut.get();
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", figures.loss());
        values.put("accuracy", figures.accuracy());
        values.put("margin", figures.margin());
        values.put("mean_reward", figures.scoreMean());
        values.put("ece", figures.calibrationError());
        return values;
    }

    @Override
    public Map<String, Better> comparable() {
        return heldOut == null
                ? Map.of()
                : Map.of("loss", Better.LOWER, "accuracy", Better.HIGHER, "margin", Better.HIGHER);
    }
}
