package org.rlhf4j.preference.rank;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Items by strength, strongest first, with the ranks that their intervals leave open.
 *
 * @param strengths what it was made of
 * @param rows one an item
 */
public record Leaderboard(Strengths strengths, List<Row> rows) {
    /** What a factor e in strength is on Elo's scale: 400 points are odds of ten to one. */
    public static final double ELO_SCALE = 400 / Math.log(10);

    /** The mean rating. */
    public static final double ELO_ANCHOR = 1000;

    /** Copies the list. */
    public Leaderboard {
        rows = List.copyOf(rows);
    }

    /**
     * One item.
     *
     * @param bestRank one more than there are items whose intervals lie wholly above its own, the arena's "rank (UB)"
     * @param worstRank how many items there are whose intervals do not lie wholly below its own
     * @param strength its log strength, with interval
     * @param rating the same as a rating, {@code 1000 + 400/ln(10) beta}
     * @param ratingLow where the rating's 95 % interval begins
     * @param ratingHigh where it ends
     */
    public record Row(
            int bestRank,
            int worstRank,
            Strengths.Strength strength,
            double rating,
            double ratingLow,
            double ratingHigh) {}

    /**
     * Orders strengths.
     *
     * @param strengths the strengths
     * @return the leaderboard; items of equal strength are in the order of their names
     */
    public static Leaderboard of(Strengths strengths) {
        List<Row> rows = new ArrayList<>();
        for (Strengths.Strength strength : strengths.items()) {
            int best = 1;
            int worst = 0;
            for (Strengths.Strength other : strengths.items()) {
                best += other.low() > strength.high() ? 1 : 0;
                worst += other.high() >= strength.low() ? 1 : 0;
            }
            rows.add(new Row(
                    best,
                    worst,
                    strength,
                    rating(strength.logStrength()),
                    rating(strength.low()),
                    rating(strength.high())));
        }
        rows.sort(Comparator.comparingDouble((Row row) -> -row.strength().logStrength())
                .thenComparing(row -> row.strength().item()));
        return new Leaderboard(strengths, rows);
    }

    private static double rating(double logStrength) {
        return ELO_ANCHOR + ELO_SCALE * logStrength;
    }

    /** The leaderboard as {@code rlhf data rank --json} prints it. */
    public Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("method", strengths.method().label());
        figures.put("log_likelihood", strengths.logLikelihood());
        figures.put("iterations", strengths.iterations());
        figures.put("ties", strengths.ties());
        figures.put("resamples", strengths.resamples());
        figures.put("failed_resamples", strengths.failedResamples());
        List<Map<String, Object>> items = new ArrayList<>();
        for (Row row : rows) {
            items.add(figures(row));
        }
        figures.put("items", items);
        return figures;
    }

    /** One item as a JSON object. */
    public static Map<String, Object> figures(Row row) {
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("item", row.strength().item());
        item.put("rank", row.bestRank());
        item.put("worst_rank", row.worstRank());
        item.put("rating", row.rating());
        item.put("rating_ci95", List.of(row.ratingLow(), row.ratingHigh()));
        item.put("log_strength", row.strength().logStrength());
        item.put("standard_error", row.strength().standardError());
        item.put("ci95", List.of(row.strength().low(), row.strength().high()));
        item.put("comparisons", row.strength().comparisons());
        return item;
    }
}
