package org.rlhf4j.preference.rank;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The Davidson-Luce model of Firth, Kosmidis and Turner (2019), arXiv:1909.07123: among alternatives A, a set S of equals is
 * chosen with probability {@code delta_k (prod_S pi_i)^(1/k) / Z}, {@code k = |S|, delta_1 = 1}, where Z sums this over
 * every set of A whose size k is one that occurs. Without ties it is Plackett and Luce's, for two alternatives Davidson's,
 * for two without ties Bradley and Terry's.
 *
 * <p>The sum over the sets of size k is the elementary symmetric polynomial {@code e_k} of {@code x_i = pi_i^(1/k)}, built
 * up one alternative at a time; that of the sets with i is {@code x_i e_(k-1)} of the others, by
 * {@code e_m(A - i) = e_m(A) - x_i e_(m-1)(A - i)}. Parameters of ties are {@code ln delta_k}.
 */
final class LuceLikelihood implements Likelihood {
    private final int items;
    private final List<Integer> orders;

    /** Ties are of the sizes given, ascending from 2. */
    LuceLikelihood(int items, List<Integer> tieSizes) {
        this.items = items;
        this.orders = List.copyOf(tieSizes);
    }

    @Override
    public int parameters() {
        return items + orders.size();
    }

    @Override
    public double[] start() {
        return new double[parameters()];
    }

    @Override
    public boolean isValid(double[] parameters) {
        return true;
    }

    @Override
    public Map<Integer, Double> ties(double[] parameters) {
        Map<Integer, Double> ties = new TreeMap<>();
        for (int i = 0; i < orders.size(); i++) {
            ties.put(orders.get(i), Math.exp(parameters[items + i]));
        }
        return ties;
    }

    @Override
    public void add(double[] parameters, Choice choice, double weight, Derivatives sum) {
        int n = choice.alternatives().size();
        int[] index = new int[n];
        double shift = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            index[i] = choice.alternatives().get(i);
            shift = Math.max(shift, parameters[index[i]]);
        }
        int sizes = 1;
        while (sizes <= orders.size() && orders.get(sizes - 1) <= n) {
            sizes++;
        }
        SizeTerms[] terms = new SizeTerms[sizes];
        double total = 0;
        for (int s = 0; s < sizes; s++) {
            int k = s == 0 ? 1 : orders.get(s - 1);
            double prevalence = s == 0 ? 1 : Math.exp(parameters[items + s - 1]);
            terms[s] = new SizeTerms(k, prevalence, parameters, index, shift);
            total += terms[s].sum;
        }
        int chosen = choice.chosen();
        int chosenSize = chosen == 1 ? 0 : orders.indexOf(chosen) + 1;
        sum.value -= weight * Math.log(total);
        for (int i = 0; i < chosen; i++) {
            sum.value += weight * (parameters[index[i]] - shift) / chosen;
            sum.gradient[index[i]] += weight / chosen;
        }
        if (chosenSize > 0) {
            sum.value += weight * parameters[items + chosenSize - 1];
            sum.gradient[items + chosenSize - 1] += weight;
        }
        subtractExpected(terms, index, total, weight, sum);
    }

    /** With s(i) = 1/|S| for i in S: the gradient is s(i) - E s(i), the information the covariance of s and of [|S| = k]. */
    private void subtractExpected(SizeTerms[] terms, int[] index, double total, double weight, Derivatives sum) {
        int n = index.length;
        double[] mean = new double[n];
        for (SizeTerms term : terms) {
            for (int i = 0; i < n; i++) {
                mean[i] += term.with(i) / total / term.k;
            }
        }
        for (int i = 0; i < n; i++) {
            sum.gradient[index[i]] -= weight * mean[i];
            for (int j = 0; j <= i; j++) {
                double both = 0;
                for (SizeTerms term : terms) {
                    both += (i == j ? term.with(i) : term.withBoth(i, j)) / total / (term.k * term.k);
                }
                sum.addInformation(index[i], index[j], weight * (both - mean[i] * mean[j]));
            }
        }
        for (int s = 1; s < terms.length; s++) {
            int at = items + s - 1;
            double share = terms[s].sum / total;
            sum.gradient[at] -= weight * share;
            for (int i = 0; i < n; i++) {
                double both = terms[s].with(i) / total / terms[s].k;
                sum.addInformation(at, index[i], weight * (both - mean[i] * share));
            }
            for (int r = 1; r <= s; r++) {
                double other = terms[r].sum / total;
                sum.addInformation(at, items + r - 1, weight * ((r == s ? share : 0) - share * other));
            }
        }
    }

    /** The sets of one size. */
    private static final class SizeTerms {
        private final double k;
        private final int size;
        private final double prevalence;
        private final double[] x;
        private final double[] polynomials;
        private final double sum;

        SizeTerms(int size, double prevalence, double[] parameters, int[] index, double shift) {
            this.k = size;
            this.size = size;
            this.prevalence = prevalence;
            this.x = new double[index.length];
            this.polynomials = new double[size + 1];
            polynomials[0] = 1;
            for (int i = 0; i < x.length; i++) {
                x[i] = Math.exp((parameters[index[i]] - shift) / size);
                for (int m = size; m > 0; m--) {
                    polynomials[m] += x[i] * polynomials[m - 1];
                }
            }
            this.sum = prevalence * polynomials[size];
        }

        /** The sum over the sets with i. */
        double with(int i) {
            double without = 1;
            for (int m = 1; m < size; m++) {
                without = polynomials[m] - x[i] * without;
            }
            return prevalence * x[i] * without;
        }

        /** The sum over the sets with i and j, two different ones. */
        double withBoth(int i, int j) {
            if (size < 2) {
                return 0;
            }
            double withoutI = 1;
            double withoutBoth = 1;
            for (int m = 1; m < size - 1; m++) {
                withoutI = polynomials[m] - x[i] * withoutI;
                withoutBoth = withoutI - x[j] * withoutBoth;
            }
            return prevalence * x[i] * x[j] * withoutBoth;
        }
    }
}
