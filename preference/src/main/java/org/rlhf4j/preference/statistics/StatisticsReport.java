package org.rlhf4j.preference.statistics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.read.FileSummary;

/**
 * The figures of {@link DataStatistics}.
 *
 * @param file what was read; its rows include the invalid ones
 * @param kind what its rows are
 * @param invalid how many of them are invalid; nothing below counts them
 * @param prompts how many different prompts there are
 * @param lengths the lengths of each text field in characters (Unicode code points), of all messages for conversations
 * @param longerChosen how often the longer completion is the preferred one
 * @param tiedPairs how many pairs have the probability 0.5, or how many two completions of a ranking have equal ranks
 * @param rankingSizes how many rankings there are of each number of completions
 * @param totalWeight the sum of the weights of all pairs
 */
public record StatisticsReport(
        FileSummary file,
        Row.Kind kind,
        long invalid,
        long prompts,
        Map<String, Lengths> lengths,
        LongerChosen longerChosen,
        long tiedPairs,
        SortedMap<Integer, Long> rankingSizes,
        double totalWeight) {
    /** Copies the maps. */
    public StatisticsReport {
        lengths = new LinkedHashMap<>(lengths);
        rankingSizes = new TreeMap<>(rankingSizes);
    }

    /**
     * Lengths of one field, in characters.
     *
     * @param n how many there are
     * @param mean their mean
     * @param min the shortest
     * @param p50 the median: the smallest length that half do not exceed
     * @param p90 the smallest length that nine tenths do not exceed
     * @param p99 the smallest length that 99 of a hundred do not exceed
     * @param max the longest
     */
    public record Lengths(long n, double mean, int min, int p50, int p90, int p99, int max) {}

    /**
     * How often the longer completion is preferred, among pairs with a preference and completions of different length;
     * every two completions of a ranking are a pair. Far from 0.5 a reward model may learn length instead of quality.
     *
     * @param n how many such pairs there are
     * @param longer in how many the longer one is preferred
     */
    public record LongerChosen(long n, long longer) {
        /** 97.5 % quantile of the standard normal distribution. */
        private static final double Z = 1.959963984540054;

        /** The share; NaN when there are no such pairs. */
        public double share() {
            return n == 0 ? Double.NaN : (double) longer / n;
        }

        /**
         * The 95 % interval of the share by Wilson (1927): {@code (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) /
         * (1 + z^2/n)}. It takes pairs as independent, which those of one ranking are not.
         *
         * @return low and high; 0 and 1 when there are no such pairs
         */
        public List<Double> interval() {
            if (n == 0) {
                return List.of(0.0, 1.0);
            }
            double p = share();
            double z2 = Z * Z / n;
            double half = Z * Math.sqrt(p * (1 - p) / n + z2 / (4.0 * n));
            // At the ends the bounds are exactly 0 and 1, which rounding would miss.
            double low = longer == 0 ? 0 : (p + z2 / 2 - half) / (1 + z2);
            double high = longer == n ? 1 : (p + z2 / 2 + half) / (1 + z2);
            return List.of(low, high);
        }
    }

    /** The report as {@code rlhf data stats --json} prints it. */
    public Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("format", file.format());
        figures.put("kind", kind.plural());
        figures.put("rows", file.rows());
        figures.put("invalid", invalid);
        figures.put("prompts", prompts);
        figures.put("lengths", lengths);
        if (kind == Row.Kind.PAIR || kind == Row.Kind.RANKING) {
            Map<String, Object> longer = new LinkedHashMap<>();
            longer.put("n", longerChosen.n());
            longer.put("share", longerChosen.n() == 0 ? null : longerChosen.share());
            longer.put("ci95", longerChosen.interval());
            figures.put("longer_chosen", longer);
            figures.put("tied_pairs", tiedPairs);
        }
        if (kind == Row.Kind.PAIR) {
            figures.put("total_weight", totalWeight);
        }
        if (kind == Row.Kind.RANKING) {
            figures.put("ranking_sizes", rankingSizes);
        }
        return figures;
    }
}
