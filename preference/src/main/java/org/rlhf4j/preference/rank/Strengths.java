package org.rlhf4j.preference.rank;

import java.util.List;
import java.util.Map;

/**
 * Strengths that make comparisons most likely.
 *
 * @param method the model
 * @param items the strengths, in the order in which the items first came
 * @param ties what governs ties, by how many are tied: Davidson's nu and Davidson-Luce's delta, or Rao and Kupper's theta;
 *     empty where there are none
 * @param logLikelihood the logarithm of the likelihood at the maximum
 * @param iterations how many of Newton's steps it took
 * @param resamples how many resamples the intervals are from; 0 where they are from the observed information
 * @param failedResamples how many more were drawn in which strengths are not defined
 */
public record Strengths(
        RankMethod method,
        List<Strength> items,
        Map<Integer, Double> ties,
        double logLikelihood,
        int iterations,
        int resamples,
        int failedResamples) {
    /** Copies the collections. */
    public Strengths {
        items = List.copyOf(items);
        ties = Map.copyOf(ties);
    }

    /**
     * How strong an item is.
     *
     * @param item its name
     * @param logStrength {@code beta = ln pi}; the mean over all items is 0
     * @param standardError of the log strength, by the observed information
     * @param low where the 95 % interval of the log strength begins
     * @param high where it ends
     * @param comparisons in how many comparisons it stands
     */
    public record Strength(
            String item, double logStrength, double standardError, double low, double high, long comparisons) {}

    /**
     * How likely an item is preferred to another when the two are compared.
     *
     * @param i the index of the item
     * @param j the index of the other one
     * @return the probability; with that of the converse and of a tie it adds up to 1
     */
    public double winProbability(int i, int j) {
        double d = items.get(i).logStrength() - items.get(j).logStrength();
        double tie = ties.getOrDefault(2, 0.0);
        if (method == RankMethod.RAO_KUPPER) {
            return Logistic.of(d - (ties.isEmpty() ? 0 : Math.log(tie)));
        }
        return 1 / (1 + Math.exp(-d) + tie * Math.exp(-d / 2));
    }

    /**
     * How likely two items tie when they are compared.
     *
     * @param i the index of one
     * @param j the index of the other
     * @return the probability, 0 where the model knows no ties
     */
    public double tieProbability(int i, int j) {
        return ties.isEmpty() ? 0 : 1 - winProbability(i, j) - winProbability(j, i);
    }
}
