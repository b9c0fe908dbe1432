package org.rlhf4j.reward;

import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.text.EncodedExample;

/** Scores labelled comparisons with a reward model. */
public final class RewardEvaluator {
    private RewardEvaluator() {}

    /**
     * Holds the scores of a model against labels. A ranking counts as all the pairs that its ranks order.
     *
     * @param model scores
     * @param rows pairs and rankings, at least one
     * @return the figures
     * @throws IllegalArgumentException if there is no pair to compare
     */
    public static RewardEvaluation evaluate(RewardModel model, List<Comparison> rows) {
        List<EncodedExample> examples = new ArrayList<>();
        rows.forEach(row -> examples.addAll(row.examples()));
        double[] scores = model.scores(examples);
        List<double[]> pairs = new ArrayList<>();
        int from = 0;
        for (Comparison row : rows) {
            if (row instanceof Comparison.Pairs group) {
                for (Comparison.Preference pair : group.preferences()) {
                    pairs.add(new double[] {
                        scores[from + pair.chosen()], scores[from + pair.rejected()], pair.probability()
                    });
                }
            } else {
                addOrderedPairs(pairs, scores, from, ((Comparison.Ranked) row).ranks());
            }
            from += row.examples().size();
        }
        return RewardEvaluation.of(column(pairs, 0), column(pairs, 1), column(pairs, 2));
    }

    private static void addOrderedPairs(List<double[]> pairs, double[] scores, int from, List<Integer> ranks) {
        for (int i = 0; i < ranks.size(); i++) {
            for (int j = i + 1; j < ranks.size(); j++) {
                if (ranks.get(i) < ranks.get(j)) {
                    pairs.add(new double[] {scores[from + i], scores[from + j], 1});
                }
            }
        }
    }

    private static double[] column(List<double[]> rows, int column) {
        return rows.stream().mapToDouble(row -> row[column]).toArray();
    }
}
