package org.rlhf4j.preference.rank;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.math3.util.CombinatoricsUtils;

/**
 * The Davidson-Luce model of Firth, Kosmidis and Turner (2019), arXiv:1909.07123: among alternatives A, a set S of equals is
 * chosen with probability {@code delta_k (prod_S pi_i)^(1/k) / Z}, {@code k = |S|, delta_1 = 1}, where Z sums this over
 * every set of A whose size k is one that occurs. Without ties it is Plackett and Luce's, for two alternatives Davidson's,
 * for two without ties Bradley and Terry's.
 *
 * <p>{@link TiedSets} sums over the sets of one size. Parameters of ties are {@code ln delta_k}; they start where they would
 * be if all strengths were equal.
 */
final class LuceLikelihood implements Likelihood {
    private static final int FIRST_STEPS = 200;

    private final int items;
    private final List<Integer> orders;
    private final double[] start;
    private final boolean sizesGiven;

    /** Ties are of the sizes given, ascending from 2; the choices are what is going to be explained. */
    LuceLikelihood(int items, List<Integer> tieSizes, List<Choice> choices, double[] weights) {
        this.items = items;
        this.orders = List.copyOf(tieSizes);
        this.sizesGiven = false;
        this.start = new double[items + orders.size()];
        if (!orders.isEmpty()) {
            double[] prevalences = firstPrevalences(choices, weights);
            System.arraycopy(prevalences, 1, start, items, orders.size());
        }
    }

    /** A set of equals is chosen among those of its size, so that ties have no parameters. */
    LuceLikelihood(int items) {
        this.items = items;
        this.orders = List.of();
        this.sizesGiven = true;
        this.start = new double[items];
    }

    @Override
    public int parameters() {
        return items + orders.size();
    }

    @Override
    public double[] start() {
        return start.clone();
    }

    /**
     * The {@code ln delta} of every size, from 1, under which sizes come as often as they did if all strengths are equal:
     * iterative scaling (Darroch and Ratcliff 1972), whose every step is a better one however far it is to go.
     */
    private double[] firstPrevalences(List<Choice> choices, double[] weights) {
        double[] observed = new double[orders.size() + 1];
        Map<Integer, Double> byAlternatives = new TreeMap<>();
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                observed[sizeIndex(choices.get(i).chosen())] += weights[i];
                byAlternatives.merge(choices.get(i).alternatives().size(), weights[i], Double::sum);
            }
        }
        int most = byAlternatives.keySet().stream().mapToInt(n -> n).max().orElse(1);
        double[] prevalences = new double[observed.length];
        for (int s = 1; s < prevalences.length; s++) {
            prevalences[s] = Math.log(most) - CombinatoricsUtils.binomialCoefficientLog(most, orders.get(s - 1));
        }
        for (int step = 0; step < FIRST_STEPS && observed[0] > 0; step++) {
            double[] expected = new double[observed.length];
            byAlternatives.forEach((n, weight) -> {
                double[] logs = new double[sizes(n)];
                for (int s = 0; s < logs.length; s++) {
                    int k = s == 0 ? 1 : orders.get(s - 1);
                    logs[s] = prevalences[s] + CombinatoricsUtils.binomialCoefficientLog(n, k);
                }
                double total = logSum(logs);
                for (int s = 0; s < logs.length; s++) {
                    expected[s] += weight * Math.exp(logs[s] - total);
                }
            });
            double first = Math.log(observed[0] / expected[0]);
            for (int s = 1; s < prevalences.length; s++) {
                prevalences[s] += Math.log(observed[s] / expected[s]) - first;
            }
        }
        return prevalences;
    }

    private int sizeIndex(int chosen) {
        return chosen == 1 ? 0 : orders.indexOf(chosen) + 1;
    }

    /** How many sizes, 1 among them, so many alternatives have. */
    private int sizes(int alternatives) {
        int sizes = 1;
        while (sizes <= orders.size() && orders.get(sizes - 1) <= alternatives) {
            sizes++;
        }
        return sizes;
    }

    private static double logSum(double[] logs) {
        double largest = Arrays.stream(logs).max().orElseThrow();
        double sum = 0;
        for (double log : logs) {
            sum += Math.exp(log - largest);
        }
        return largest + Math.log(sum);
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
        double[] strengths = new double[n];
        for (int i = 0; i < n; i++) {
            index[i] = choice.alternatives().get(i);
            strengths[i] = parameters[index[i]];
        }
        if (sizesGiven && choice.chosen() > 1) {
            addGiven(index, strengths, choice.chosen(), weight, sum);
            return;
        }
        double first = logSum(strengths);
        double[] mean = new double[n];
        double[] shares = new double[sizes(n)];
        TiedSets[] ties = new TiedSets[shares.length];
        shares[0] = first;
        for (int s = 1; s < shares.length; s++) {
            ties[s] = new TiedSets(orders.get(s - 1), strengths);
            shares[s] = parameters[items + s - 1] + ties[s].logSum();
        }
        double total = logSum(shares);
        for (int s = 0; s < shares.length; s++) {
            shares[s] = Math.exp(shares[s] - total);
        }
        int chosen = choice.chosen();
        sum.value -= weight * total;
        addChosen(index, strengths, chosen, weight, sum);
        if (chosen > 1) {
            int at = items + sizeIndex(chosen) - 1;
            sum.value += weight * parameters[at];
            sum.gradient[at] += weight;
        }
        // With s(i) = 1/|S| for i in S: the gradient is s(i) - E s(i), the information the covariance of s and of [|S|
        // = k].
        double[][] both = new double[n][n];
        double[][] ofSize = new double[shares.length][n];
        for (int i = 0; i < n; i++) {
            ofSize[0][i] = shares[0] * Math.exp(strengths[i] - first);
            both[i][i] = ofSize[0][i];
        }
        for (int s = 1; s < shares.length; s++) {
            addTies(ties[s].shares(), shares[s], orders.get(s - 1), both, ofSize[s]);
        }
        for (double[] share : ofSize) {
            for (int i = 0; i < n; i++) {
                mean[i] += share[i];
            }
        }
        subtractExpected(index, shares, new Expected(mean, both, ofSize), weight, sum);
    }

    private static void addChosen(int[] index, double[] strengths, int chosen, double weight, Derivatives sum) {
        for (int i = 0; i < chosen; i++) {
            sum.value += weight * strengths[i] / chosen;
            sum.gradient[index[i]] += weight / chosen;
        }
    }

    private void addGiven(int[] index, double[] strengths, int chosen, double weight, Derivatives sum) {
        TiedSets sets = new TiedSets(chosen, strengths);
        sum.value -= weight * sets.logSum();
        addChosen(index, strengths, chosen, weight, sum);
        double[][] both = new double[index.length][index.length];
        double[] mean = new double[index.length];
        addTies(sets.shares(), 1, chosen, both, mean);
        subtractExpected(index, new double[] {1}, new Expected(mean, both, new double[][] {mean}), weight, sum);
    }

    private static void addTies(double[][] sets, double share, double size, double[][] both, double[] mean) {
        for (int i = 0; i < mean.length; i++) {
            mean[i] = share * sets[i][i] / size;
            for (int j = 0; j <= i; j++) {
                both[i][j] += share * sets[i][j] / (size * size);
            }
        }
    }

    /** The expectations of s(i), of s(i) s(j) for i at least j, and of s(i) where the set is of a size. */
    @SuppressWarnings("ArrayRecordComponent") // numbers on their way from one method to the next
    private record Expected(double[] mean, double[][] both, double[][] ofSize) {}

    private void subtractExpected(int[] index, double[] shares, Expected expected, double weight, Derivatives sum) {
        double[] mean = expected.mean;
        for (int i = 0; i < index.length; i++) {
            sum.gradient[index[i]] -= weight * mean[i];
            for (int j = 0; j <= i; j++) {
                sum.addInformation(index[i], index[j], weight * (expected.both[i][j] - mean[i] * mean[j]));
            }
        }
        for (int s = 1; s < shares.length; s++) {
            int at = items + s - 1;
            sum.gradient[at] -= weight * shares[s];
            for (int i = 0; i < index.length; i++) {
                sum.addInformation(at, index[i], weight * (expected.ofSize[s][i] - mean[i] * shares[s]));
            }
            for (int r = 1; r <= s; r++) {
                sum.addInformation(at, items + r - 1, weight * ((r == s ? shares[s] : 0) - shares[s] * shares[r]));
            }
        }
    }
}
