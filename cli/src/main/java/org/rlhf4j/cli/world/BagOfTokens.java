package org.rlhf4j.cli.world;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.CholeskyDecomposition;
import org.rlhf4j.preference.PreferencePair;

/**
 * The baseline that a reward model has to beat: logistic regression on how often each word occurs in the completion, blind
 * to the prompt and to word order.
 *
 * <p>With the word counts c of a completion, {@code score = w . c} and {@code P(chosen preferred) = sigmoid(w . (c_chosen -
 * c_rejected))}. The weights w minimise the mean log loss plus {@code RIDGE / 2 |w|^2}; Newton's method finds the one
 * minimum.
 */
public final class BagOfTokens {
    private static final double RIDGE = 1e-4;
    private static final int MAX_ITERATIONS = 50;
    private static final double SMALL_STEP = 1e-9;

    private final Map<String, Double> weights;

    private BagOfTokens(Map<String, Double> weights) {
        this.weights = weights;
    }

    /**
     * Fits the weights.
     *
     * @param pairs of texts, at least one
     * @return the fitted baseline
     * @throws IllegalArgumentException if there is no pair, or one holds conversations
     */
    public static BagOfTokens fit(List<PreferencePair> pairs) {
        if (pairs.isEmpty()) {
            throw new IllegalArgumentException("there are no pairs to fit");
        }
        Map<String, Integer> columns = new LinkedHashMap<>();
        List<Map<String, Integer>> differences = new ArrayList<>();
        for (PreferencePair pair : pairs) {
            Map<String, Integer> difference = difference(pair);
            difference.keySet().forEach(word -> columns.putIfAbsent(word, columns.size()));
            differences.add(difference);
        }
        double[][] rows = new double[pairs.size()][columns.size()];
        for (int i = 0; i < rows.length; i++) {
            double[] row = rows[i];
            differences.get(i).forEach((word, count) -> row[columns.getOrDefault(word, 0)] = count);
        }
        double[] fitted = newton(rows, columns.size());
        Map<String, Double> weights = new HashMap<>();
        columns.forEach((word, column) -> weights.put(word, fitted[column]));
        return new BagOfTokens(weights);
    }

    private static double[] newton(double[][] rows, int columns) {
        double[] weights = new double[columns];
        for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
            double[] gradient = new double[columns];
            double[][] hessian = new double[columns][columns];
            for (int j = 0; j < columns; j++) {
                gradient[j] = RIDGE * weights[j];
                hessian[j][j] = RIDGE;
            }
            for (double[] row : rows) {
                accumulate(row, 1.0 / rows.length, weights, gradient, hessian);
            }
            double[] step = new CholeskyDecomposition(new Array2DRowRealMatrix(hessian, false))
                    .getSolver()
                    .solve(new Array2DRowRealMatrix(gradient))
                    .getColumn(0);
            double largest = 0;
            for (int j = 0; j < columns; j++) {
                weights[j] -= step[j];
                largest = Math.max(largest, Math.abs(step[j]));
            }
            if (largest < SMALL_STEP) {
                break;
            }
        }
        return weights;
    }

    /** Adds one pair's share of the gradient and of the matrix of second derivatives. */
    private static void accumulate(
            double[] row, double share, double[] weights, double[] gradient, double[][] hessian) {
        double margin = 0;
        for (int j = 0; j < row.length; j++) {
            margin += row[j] * weights[j];
        }
        double wrong = 1 / (1 + Math.exp(margin));
        for (int j = 0; j < row.length; j++) {
            if (row[j] == 0) {
                continue;
            }
            gradient[j] -= share * wrong * row[j];
            for (int k = 0; k < row.length; k++) {
                hessian[j][k] += share * wrong * (1 - wrong) * row[j] * row[k];
            }
        }
    }

    /** How often each word occurs more in the chosen completion than in the rejected one. */
    private static Map<String, Integer> difference(PreferencePair pair) {
        Map<String, Integer> chosen = counts(Words.text(pair.chosen()));
        Map<String, Integer> rejected = counts(Words.text(pair.rejected()));
        Set<String> words = new HashSet<>(chosen.keySet());
        words.addAll(rejected.keySet());
        Map<String, Integer> difference = new LinkedHashMap<>();
        for (String word : words.stream().sorted().toList()) {
            int count = chosen.getOrDefault(word, 0) - rejected.getOrDefault(word, 0);
            if (count != 0) {
                difference.put(word, count);
            }
        }
        return difference;
    }

    private static Map<String, Integer> counts(String text) {
        Map<String, Integer> counts = new HashMap<>();
        Words.of(text).forEach(word -> counts.merge(word, 1, Integer::sum));
        return counts;
    }

    /** The score of a completion: the sum of its words' weights; words never seen count 0. */
    public double score(String completion) {
        double score = 0;
        for (String word : Words.of(completion)) {
            score += weights.getOrDefault(word, 0.0);
        }
        return score;
    }

    /**
     * The share of pairs whose chosen completion scores higher; equal scores count one half.
     *
     * @param pairs at least one, of texts
     * @return 0 to 1
     */
    public double accuracy(List<PreferencePair> pairs) {
        double right = 0;
        for (PreferencePair pair : pairs) {
            double margin = 0;
            for (Map.Entry<String, Integer> word : difference(pair).entrySet()) {
                margin += weights.getOrDefault(word.getKey(), 0.0) * word.getValue();
            }
            right += margin > 0 ? 1 : margin == 0 ? 0.5 : 0;
        }
        return right / pairs.size();
    }
}
