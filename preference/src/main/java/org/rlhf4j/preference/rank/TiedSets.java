package org.rlhf4j.preference.rank;

import java.util.Arrays;

/**
 * All sets of k among n alternatives, each counted as {@code exp(mean of its log strengths)}: their sum, and the shares of it
 * that the sets with an alternative, or with two, have.
 *
 * <p>The sum is the elementary symmetric polynomial {@code e_k} of {@code x_i = exp(beta_i / k)}. With {@code p_i = c x_i /
 * (1 + c x_i)} for any c it is {@code c^-k prod (1 + c x_i) P(k)}, where P(k) is the probability that k of independent
 * events with probabilities p_i happen (Chen, Dempster and Liu 1994, Biometrika 81, "Weighted finite population sampling to
 * maximize entropy"). For c such that the p_i add up to k, P(k) is far from 0, and everything here is a sum of products of
 * probabilities: nothing overflows, nothing is subtracted.
 */
final class TiedSets {
    private static final int BISECTIONS = 40;

    private final int size;
    private final double[] probability;
    private final double[] against;
    /** By alternative: how likely 0, 1, ... events are from it on. */
    private final double[][] after;

    private final double logSum;

    /**
     * The sets.
     *
     * @param size how many alternatives are in each, at least 2
     * @param logStrengths of the alternatives, at least as many
     */
    TiedSets(int size, double[] logStrengths) {
        int n = logStrengths.length;
        this.size = size;
        this.probability = new double[n];
        this.against = new double[n];
        if (n == size) {
            this.after = new double[0][];
            double sum = 0;
            for (double strength : logStrengths) {
                sum += strength / size;
            }
            this.logSum = sum;
            return;
        }
        double logC = logC(size, logStrengths);
        double logOdds = -size * logC;
        for (int i = 0; i < n; i++) {
            double logit = logC + logStrengths[i] / size;
            probability[i] = Logistic.of(logit);
            against[i] = Logistic.of(-logit);
            logOdds -= Logistic.log(-logit);
        }
        this.after = new double[n + 1][size + 1];
        after[n][0] = 1;
        for (int i = n - 1; i >= 0; i--) {
            extend(after[i + 1], i, after[i]);
        }
        this.logSum = logOdds + Math.log(after[0][size]);
    }

    /** Where the probabilities add up to the size, by bisection: it need not be met exactly. */
    private static double logC(int size, double[] logStrengths) {
        double smallest = Double.POSITIVE_INFINITY;
        double largest = Double.NEGATIVE_INFINITY;
        for (double strength : logStrengths) {
            smallest = Math.min(smallest, strength);
            largest = Math.max(largest, strength);
        }
        double equal = Math.log((double) size / (logStrengths.length - size));
        double low = equal - largest / size;
        double high = equal - smallest / size;
        for (int i = 0; i < BISECTIONS && high > low; i++) {
            double middle = (low + high) / 2;
            double sum = 0;
            for (double strength : logStrengths) {
                sum += Logistic.of(middle + strength / size);
            }
            if (sum < size) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }

    /** The logarithm of the sum over all sets. */
    double logSum() {
        return logSum;
    }

    /**
     * The shares.
     *
     * @return at [i][j] the share of the sets with i and j, for i at least j; at [i][i] that of the sets with i
     */
    double[][] shares() {
        int n = probability.length;
        double[][] shares = new double[n][];
        for (int i = 0; i < n; i++) {
            shares[i] = new double[i + 1];
        }
        double[] before = new double[size + 1];
        before[0] = 1;
        double[] between = new double[size + 1];
        for (int i = 0; i < n; i++) {
            if (after.length == 0) {
                Arrays.fill(shares[i], 1);
                continue;
            }
            double all = after[0][size];
            shares[i][i] = probability[i] * joined(before, after[i + 1], size - 1) / all;
            System.arraycopy(before, 0, between, 0, size + 1);
            for (int j = i + 1; j < n; j++) {
                shares[j][i] = probability[i] * probability[j] * joined(between, after[j + 1], size - 2) / all;
                extend(between, j, between);
            }
            extend(before, i, before);
        }
        return shares;
    }

    /** One more event; into the same array too. */
    private void extend(double[] from, int event, double[] to) {
        for (int m = size; m > 0; m--) {
            to[m] = against[event] * from[m] + probability[event] * from[m - 1];
        }
        to[0] = against[event] * from[0];
    }

    private static double joined(double[] some, double[] others, int count) {
        double sum = 0;
        for (int m = 0; m <= count; m++) {
            sum += some[m] * others[count - m];
        }
        return sum;
    }
}
