package org.rlhf4j.preference.statistics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far annotators agree.
 *
 * @param counts of what
 * @param alphaNominal Krippendorff's alpha, a tie being as far from either preference as they are from each other
 * @param alphaOrdinal alpha with a tie in between, distances by how many values lie there
 * @param alphaInterval alpha with a tie in the middle
 * @param agreement how often two judgements of one thing are the same, of all pairs of annotators that judged it
 * @param strictAgreement the same of pairs of which neither is a tie
 * @param sameAgain how often a person who judged a thing several times always said the same
 * @param pairs every two annotators with a thing in common, by who came first
 * @param annotators how often each says what most of the others say
 */
public record AgreementReport(
        Counts counts,
        Estimate alphaNominal,
        Estimate alphaOrdinal,
        Estimate alphaInterval,
        Estimate agreement,
        Estimate strictAgreement,
        Share sameAgain,
        List<Pair> pairs,
        List<Annotator> annotators) {
    /** Copies the lists. */
    public AgreementReport {
        pairs = List.copyOf(pairs);
        annotators = List.copyOf(annotators);
    }

    /**
     * Of what.
     *
     * @param annotators how many annotators there are
     * @param units how many different things were judged
     * @param shared how many of them by at least two
     * @param judgements how many judgements there are
     * @param unnamed how many rows do not say whose they are, and are left out
     * @param undecided how often an annotator judged a thing as often one way as another, and is left out there
     * @param pairsLeftOut how many judgements in common are in no table, because there are more than 4096 pairs of
     *     annotators
     */
    public record Counts(
            long annotators,
            long units,
            long shared,
            long judgements,
            long unnamed,
            long undecided,
            long pairsLeftOut) {}

    /**
     * A figure with its 95 % interval, by drawing units anew.
     *
     * @param value the figure; NaN where nothing was judged twice
     * @param low where the interval begins
     * @param high where it ends
     */
    public record Estimate(double value, double low, double high) {
        @Nullable
        Map<String, Object> figures() {
            if (Double.isNaN(value)) {
                return null;
            }
            Map<String, Object> figures = new LinkedHashMap<>();
            figures.put("value", value);
            figures.put("ci95", Double.isNaN(low) ? null : List.of(low, high));
            return figures;
        }
    }

    /**
     * Two annotators.
     *
     * @param a the one
     * @param b the other
     * @param same how often they said the same of the same
     * @param kappa Cohen's kappa; NaN where both always said one thing
     * @param linearKappa with a tie half-way between both preferences
     * @param quadraticKappa with squared distances
     */
    public record Pair(String a, String b, Share same, double kappa, double linearKappa, double quadraticKappa) {
        static Pair of(String a, String b, long[][] table) {
            long n = 0;
            long same = 0;
            for (int i = 0; i < table.length; i++) {
                same += table[i][i];
                for (long count : table[i]) {
                    n += count;
                }
            }
            return new Pair(
                    a,
                    b,
                    new Share(n, same),
                    CohensKappa.of(table, CohensKappa.Weights.NONE),
                    CohensKappa.of(table, CohensKappa.Weights.LINEAR),
                    CohensKappa.of(table, CohensKappa.Weights.QUADRATIC));
        }
    }

    /**
     * An annotator.
     *
     * @param name the name
     * @param consensus how often the judgement is that of most of the others, of the things of which they have one
     */
    public record Annotator(String name, Share consensus) {
        /** The annotator as a JSON object. */
        public Map<String, Object> figures() {
            Map<String, Object> item = new LinkedHashMap<>();
            item.put("annotator", name);
            item.putAll(AgreementReport.figures(consensus));
            return item;
        }
    }

    /**
     * The accuracy on such labels that not even a scorer which knows the truth can exceed, estimated from how often two
     * annotators agree. If each says the truth with probability q, on its own and whatever the thing, then two agree with
     * {@code p = q^2 + (1 - q)^2}, so {@code q = (1 + sqrt(2p - 1)) / 2}: the model of Dawid and Skene (1979), "Maximum
     * likelihood estimation of observer error-rates using the EM algorithm", with one error rate for all.
     *
     * <p>Where q differs from thing to thing, the ceiling is lower than this but not below p: with {@code v = 2q - 1} in
     * [0, 1] it is {@code (1 + E v) / 2}, and {@code p = (1 + E v^2) / 2 <= (1 + E v) / 2 <= (1 + sqrt(E v^2)) / 2}.
     *
     * @return the ceiling with the interval that the agreement's gives; half where two agree less often than by chance
     */
    public Estimate ceiling() {
        return new Estimate(
                ceiling(strictAgreement.value()), ceiling(strictAgreement.low()), ceiling(strictAgreement.high()));
    }

    private static double ceiling(double agreement) {
        return Double.isNaN(agreement) ? Double.NaN : (1 + Math.sqrt(Math.max(0, 2 * agreement - 1))) / 2;
    }

    /** The report as {@code rlhf data agreement --json} prints it; null for what was not measured. */
    public Map<String, Object> figures() {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("annotators", counts.annotators());
        figures.put("units", counts.units());
        figures.put("shared_units", counts.shared());
        figures.put("judgements", counts.judgements());
        figures.put("unnamed_rows", counts.unnamed());
        figures.put("undecided", counts.undecided());
        figures.put("alpha_nominal", alphaNominal.figures());
        figures.put("alpha_ordinal", alphaOrdinal.figures());
        figures.put("alpha_interval", alphaInterval.figures());
        figures.put("agreement", agreement.figures());
        figures.put("strict_agreement", strictAgreement.figures());
        figures.put("label_noise_ceiling", ceiling().figures());
        figures.put("same_again", figures(sameAgain));
        List<Map<String, Object>> tables = new ArrayList<>();
        for (Pair pair : pairs) {
            Map<String, Object> table = new LinkedHashMap<>();
            table.put("a", pair.a());
            table.put("b", pair.b());
            table.putAll(figures(pair.same()));
            table.put("kappa", number(pair.kappa()));
            table.put("kappa_linear", number(pair.linearKappa()));
            table.put("kappa_quadratic", number(pair.quadraticKappa()));
            tables.add(table);
        }
        figures.put("pairs", tables);
        figures.put("pairs_left_out", counts.pairsLeftOut());
        figures.put("consensus", annotators.stream().map(Annotator::figures).toList());
        return figures;
    }

    private static Map<String, Object> figures(Share share) {
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("n", share.n());
        figures.put("share", number(share.value()));
        figures.put("ci95", share.interval());
        return figures;
    }

    private static @Nullable Double number(double value) {
        return Double.isNaN(value) ? null : value;
    }
}
