package org.rlhf4j.preference.statistics;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
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
 * @param tokens the same in tokens, of the texts alone; empty without a tokenizer
 * @param longerChosen how often the longer completion is the preferred one; null where nothing is compared
 * @param tiedPairs how many pairs have the probability 0.5, or how many two completions of a ranking have equal ranks
 * @param rankingSizes how many rankings or partial orders there are of each number of completions
 * @param totalWeight the sum of the weights of all pairs
 * @param positive how many completions of those judged by themselves are desirable, or steps right; null where there are
 *     none
 * @param sources how many rows name each source; beyond 64 different ones all others as one
 * @param models how many completions name each model; beyond 64 likewise
 * @param agreement how far annotators agree; null where no row names one
 */
public record StatisticsReport(
        FileSummary file,
        Row.Kind kind,
        long invalid,
        long prompts,
        Map<String, Lengths> lengths,
        Map<String, Lengths> tokens,
        @Nullable LongerChosen longerChosen,
        long tiedPairs,
        SortedMap<Integer, Long> rankingSizes,
        double totalWeight,
        @Nullable Share positive,
        Map<String, Long> sources,
        Map<String, Long> models,
        @Nullable AgreementReport agreement) {
    /** Copies the maps. */
    public StatisticsReport {
        lengths = new LinkedHashMap<>(lengths);
        tokens = new LinkedHashMap<>(tokens);
        rankingSizes = new TreeMap<>(rankingSizes);
        sources = new LinkedHashMap<>(sources);
        models = new LinkedHashMap<>(models);
    }

    /**
     * Lengths of one field.
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
     * @param share of how many such pairs the longer one is preferred
     * @param effective how many independent pairs they are worth, those of one prompt being alike (Kish 1965)
     */
    public record LongerChosen(Share share, double effective) {
        /**
         * The 95 % interval of the share: Wilson's with as many pairs as they are worth.
         *
         * @return low and high; 0 and 1 when there are no such pairs
         */
        public List<Double> interval() {
            return share.interval(effective);
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
        if (!tokens.isEmpty()) {
            figures.put("tokens", tokens);
        }
        if (longerChosen != null) {
            Share share = longerChosen.share();
            Map<String, Object> longer = new LinkedHashMap<>();
            longer.put("n", share.n());
            longer.put("share", share.n() == 0 ? null : share.value());
            longer.put("ci95", longerChosen.interval());
            longer.put("effective_n", longerChosen.effective());
            figures.put("longer_chosen", longer);
            figures.put("tied_pairs", tiedPairs);
        }
        if (kind == Row.Kind.PAIR) {
            figures.put("total_weight", totalWeight);
        }
        if (!rankingSizes.isEmpty()) {
            figures.put("ranking_sizes", rankingSizes);
        }
        if (positive != null) {
            Map<String, Object> share = new LinkedHashMap<>();
            share.put("n", positive.n());
            share.put("share", positive.value());
            share.put("ci95", positive.interval());
            figures.put(kind == Row.Kind.STEPWISE ? "right_steps" : "desirable", share);
        }
        if (!sources.isEmpty()) {
            figures.put("sources", sources);
        }
        if (!models.isEmpty()) {
            figures.put("models", models);
        }
        if (agreement != null) {
            figures.put("agreement", agreement.figures());
        }
        return figures;
    }
}
