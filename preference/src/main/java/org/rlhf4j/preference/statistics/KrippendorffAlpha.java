package org.rlhf4j.preference.statistics;

import java.util.List;

/**
 * Krippendorff's alpha: how far coders agree beyond chance, whatever their number and however many values are missing; 1
 * is perfect, 0 what chance gives. Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability":
 * {@code alpha = 1 - (n - 1) sum_c<k o_ck d_ck / sum_c<k n_c n_k d_ck}, with the coincidences
 * {@code o_ck = sum_units n_uc (n_uk - [c = k]) / (m_u - 1)} over units that at least two coded.
 */
public final class KrippendorffAlpha {
    /** What the difference of two values is. */
    public enum Level {
        /** Equal or not. */
        NOMINAL,
        /** How many values lie between them: {@code d_ck = (sum_g=c..k n_g - (n_c + n_k) / 2)^2}. */
        ORDINAL,
        /** {@code d_ck = (c - k)^2}. */
        INTERVAL
    }

    /**
     * Units that were coded alike.
     *
     * @param counts how many coders gave each value, in the order of the values
     * @param units how many such units there are
     */
    public record Coded(List<Integer> counts, long units) {
        /** Copies the list. */
        public Coded {
            counts = List.copyOf(counts);
        }
    }

    private KrippendorffAlpha() {}

    /**
     * Computes alpha.
     *
     * @param units what was coded; units with fewer than two values do not count
     * @param values the values as numbers, ascending
     * @param level what their differences are
     * @return alpha; NaN when no unit was coded twice, or all values are the same
     */
    public static double of(List<Coded> units, List<Double> values, Level level) {
        int size = values.size();
        double[][] coincidences = new double[size][size];
        double[] totals = new double[size];
        double n = 0;
        for (Coded unit : units) {
            int coders = unit.counts().stream().mapToInt(Integer::intValue).sum();
            if (coders < 2) {
                continue;
            }
            for (int c = 0; c < size; c++) {
                double weight = (double) unit.counts().get(c) * unit.units();
                totals[c] += weight;
                n += weight;
                for (int k = 0; k < size; k++) {
                    coincidences[c][k] += weight * (unit.counts().get(k) - (c == k ? 1 : 0)) / (coders - 1);
                }
            }
        }
        double observed = 0;
        double expected = 0;
        for (int c = 0; c < size; c++) {
            for (int k = c + 1; k < size; k++) {
                double difference = difference(level, values, totals, c, k);
                observed += coincidences[c][k] * difference;
                expected += totals[c] * totals[k] * difference;
            }
        }
        return expected == 0 ? Double.NaN : 1 - (n - 1) * observed / expected;
    }

    private static double difference(Level level, List<Double> values, double[] totals, int c, int k) {
        if (level == Level.NOMINAL) {
            return 1;
        }
        double between = values.get(k) - values.get(c);
        if (level == Level.ORDINAL) {
            between = -(totals[c] + totals[k]) / 2;
            for (int g = c; g <= k; g++) {
                between += totals[g];
            }
        }
        return between * between;
    }
}
