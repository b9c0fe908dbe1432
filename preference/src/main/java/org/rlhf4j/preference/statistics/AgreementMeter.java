package org.rlhf4j.preference.statistics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.math3.distribution.BinomialDistribution;
import org.apache.commons.math3.stat.descriptive.rank.Percentile;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.digest.DigestSort;

/**
 * Measures how far annotators agree, in bounded memory: what was judged is brought together by digests that spill to disk,
 * and counted by pattern. Only the names of the annotators are kept, and the tables of at most {@value #MOST_PAIRS} pairs of
 * them.
 *
 * <p>What was judged is two completions of a prompt; the judgement is that the first, the second or neither is preferred,
 * where the first is the one whose digest is smaller, so that it does not depend on the row. Rankings and partial orders
 * judge every two completions that they compare. Of rows with a label the judgement is the label. Who judges one thing
 * several times has the judgement of most times, and none where there is no such.
 */
final class AgreementMeter implements AutoCloseable {
    static final int MOST_PAIRS = 4096;

    private static final int VALUES = 3;
    private static final int VALUE_BITS = 2;
    private static final List<Double> NUMBERS = List.of(-1.0, 0.0, 1.0);

    private final boolean anonymous;
    private final Map<String, Integer> coders = new LinkedHashMap<>();
    private final DigestSort judgements = new DigestSort();
    private final Map<List<Integer>, Long> patterns = new TreeMap<>(AgreementMeter::compare);
    private final Map<Long, long[][]> pairs = new TreeMap<>();
    private final Map<Integer, long[]> consensus = new TreeMap<>();
    private int coderCount;
    private long unnamed;
    private long judged;
    private long several;
    private long sameAgain;
    private long undecided;
    private long pairsLeftOut;

    /** Every row without an annotator is another annotator's where that is wanted; otherwise such rows are left out. */
    AgreementMeter(boolean anonymous) {
        this.anonymous = anonymous;
    }

    /** How many judgements there are. */
    long judged() {
        return judged;
    }

    /** How many rows do not say whose they are. */
    long unnamed() {
        return unnamed;
    }

    /** Whether a row is one whose judgements count. */
    boolean takes(Row row) {
        return anonymous || row.origin().annotator() != null;
    }

    /** Adds a row with what it says. */
    void add(Row row, List<Judgement> said) {
        if (said.isEmpty()) {
            return;
        }
        if (!takes(row)) {
            unnamed++;
            return;
        }
        String annotator = row.origin().annotator();
        Integer known = annotator == null ? null : coders.putIfAbsent(annotator, coderCount);
        long coder = known == null ? coderCount++ : known;
        for (Judgement judgement : said) {
            judgements.add(judgement.unit(), coder << VALUE_BITS | judgement.value());
            judged++;
        }
    }

    /** Measures; nothing can be added afterwards. */
    AgreementReport report(int resamples, long seed) {
        Unit unit = new Unit();
        judgements.forEach((first, digest, value) -> {
            if (first) {
                unit.finish();
            }
            unit.add((int) (value >>> VALUE_BITS), (int) (value & ((1 << VALUE_BITS) - 1)));
        });
        unit.finish();
        return summary(resamples, seed);
    }

    @Override
    public void close() {
        judgements.close();
    }

    private static int compare(List<Integer> a, List<Integer> b) {
        for (int i = 0; i < VALUES; i++) {
            int order = a.get(i).compareTo(b.get(i));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /** The judgements of one thing, which come sorted by coder. */
    private final class Unit {
        private final List<int[]> decided = new ArrayList<>();
        private final int[] counts = new int[VALUES];
        private int coder = -1;

        void add(int itsCoder, int value) {
            if (itsCoder != coder) {
                decide();
                coder = itsCoder;
            }
            counts[value]++;
        }

        private void decide() {
            int n = Arrays.stream(counts).sum();
            if (n > 1) {
                several++;
                sameAgain += Arrays.stream(counts).anyMatch(count -> count == n) ? 1 : 0;
            }
            int value = mode(counts);
            if (value >= 0) {
                decided.add(new int[] {coder, value});
            } else if (n > 0) {
                undecided++;
            }
            Arrays.fill(counts, 0);
        }

        void finish() {
            decide();
            coder = -1;
            if (!decided.isEmpty()) {
                int[] totals = new int[VALUES];
                decided.forEach(judgement -> totals[judgement[1]]++);
                patterns.merge(Arrays.stream(totals).boxed().toList(), 1L, Long::sum);
                if (!anonymous) {
                    decided.forEach(judgement -> compareWithOthers(judgement, totals));
                    admitPairs();
                    comparePairs();
                }
            }
            decided.clear();
        }

        private void compareWithOthers(int[] judgement, int[] totals) {
            totals[judgement[1]]--;
            int others = mode(totals);
            totals[judgement[1]]++;
            if (others >= 0) {
                long[] share = consensus.computeIfAbsent(judgement[0], fresh -> new long[2]);
                share[0]++;
                share[1] += others == judgement[1] ? 1 : 0;
            }
        }

        /** Gives tables to pairs of annotators while there is room: at most {@value #MOST_PAIRS} new ones and as many known. */
        private void admitPairs() {
            for (int i = 0; i < decided.size(); i++) {
                for (int j = i + 1; j < decided.size(); j++) {
                    if (pairs.size() == MOST_PAIRS) {
                        return;
                    }
                    pairs.computeIfAbsent(key(decided.get(i)[0], decided.get(j)[0]), fresh -> new long[VALUES][VALUES]);
                }
            }
        }

        /** Goes through the pairs of this unit or those that have tables, whichever are fewer. */
        private void comparePairs() {
            long here = (long) decided.size() * (decided.size() - 1) / 2;
            long counted = 0;
            if (here <= pairs.size()) {
                for (int i = 0; i < decided.size(); i++) {
                    for (int j = i + 1; j < decided.size(); j++) {
                        counted += count(pairs.get(key(decided.get(i)[0], decided.get(j)[0])), i, j);
                    }
                }
            } else {
                Map<Integer, Integer> places = new HashMap<>();
                decided.forEach(judgement -> places.put(judgement[0], places.size()));
                for (Map.Entry<Long, long[][]> pair : pairs.entrySet()) {
                    Integer first = places.get((int) (pair.getKey() >>> Integer.SIZE));
                    Integer second = places.get((int) (pair.getKey() & 0xFFFFFFFFL));
                    if (first != null && second != null) {
                        counted += count(pair.getValue(), first, second);
                    }
                }
            }
            pairsLeftOut += here - counted;
        }

        private int count(long @Nullable [][] table, int first, int second) {
            if (table == null) {
                return 0;
            }
            table[decided.get(first)[1]][decided.get(second)[1]]++;
            return 1;
        }
    }

    private static long key(int first, int second) {
        return (long) first << Integer.SIZE | second;
    }

    /** The value of most; -1 where none has more than every other. */
    private static int mode(int[] counts) {
        int best = -1;
        int most = 0;
        for (int value = 0; value < VALUES; value++) {
            if (counts[value] > most) {
                most = counts[value];
                best = value;
            } else if (counts[value] == most) {
                best = -1;
            }
        }
        return best;
    }

    private AgreementReport summary(int resamples, long seed) {
        List<KrippendorffAlpha.Coded> coded = new ArrayList<>();
        patterns.forEach((counts, units) -> coded.add(new KrippendorffAlpha.Coded(counts, units)));
        Figures whole = Figures.of(coded);
        long[] repeated = new long[1];
        coded.forEach(unit -> repeated[0] += total(unit) > 1 ? unit.units() : 0);
        List<Figures> drawn = repeated[0] == 0 ? List.of() : resampled(coded, resamples, seed);
        List<String> names = List.copyOf(coders.keySet());
        List<AgreementReport.Pair> kappas = new ArrayList<>();
        pairs.forEach((key, table) -> kappas.add(AgreementReport.Pair.of(
                names.get((int) (key >>> Integer.SIZE)), names.get((int) (key & 0xFFFFFFFFL)), table)));
        List<AgreementReport.Annotator> annotators = new ArrayList<>();
        consensus.forEach((coder, share) ->
                annotators.add(new AgreementReport.Annotator(names.get(coder), new Share(share[0], share[1]))));
        return new AgreementReport(
                new AgreementReport.Counts(
                        coderCount,
                        coded.stream().mapToLong(KrippendorffAlpha.Coded::units).sum(),
                        repeated[0],
                        judged,
                        unnamed,
                        undecided,
                        pairsLeftOut),
                estimate(whole, drawn, 0),
                estimate(whole, drawn, 1),
                estimate(whole, drawn, 2),
                estimate(whole, drawn, 3),
                estimate(whole, drawn, 4),
                new Share(several, sameAgain),
                kappas,
                annotators);
    }

    private static int total(KrippendorffAlpha.Coded unit) {
        return unit.counts().stream().mapToInt(Integer::intValue).sum();
    }

    /** Units drawn with replacement, as often as there are; only how often each pattern comes matters. */
    private static List<Figures> resampled(List<KrippendorffAlpha.Coded> coded, int resamples, long seed) {
        List<KrippendorffAlpha.Coded> several =
                coded.stream().filter(unit -> total(unit) > 1).toList();
        long units = several.stream().mapToLong(KrippendorffAlpha.Coded::units).sum();
        List<Figures> figures = new ArrayList<>();
        for (int i = 0; i < resamples; i++) {
            SeededStream random = SeededStream.of(seed, "agreement").child(i);
            List<KrippendorffAlpha.Coded> drawn = new ArrayList<>();
            long left = units;
            long unitsLeft = units;
            for (KrippendorffAlpha.Coded unit : several) {
                long times = drawn(random, left, (double) unit.units() / unitsLeft);
                drawn.add(new KrippendorffAlpha.Coded(unit.counts(), times));
                left -= times;
                unitsLeft -= unit.units();
            }
            figures.add(Figures.of(drawn));
        }
        return figures;
    }

    /** How many of n come out, each with probability p. */
    private static long drawn(SeededStream random, long n, double p) {
        return new BinomialDistribution(null, Math.toIntExact(n), p).inverseCumulativeProbability(random.nextDouble());
    }

    private static AgreementReport.Estimate estimate(Figures whole, List<Figures> drawn, int index) {
        double[] values = drawn.stream()
                .mapToDouble(figures -> figures.values().get(index))
                .filter(value -> !Double.isNaN(value))
                .toArray();
        if (values.length == 0) {
            return new AgreementReport.Estimate(whole.values().get(index), Double.NaN, Double.NaN);
        }
        Percentile percentile = new Percentile().withEstimationType(Percentile.EstimationType.R_7);
        percentile.setData(values);
        return new AgreementReport.Estimate(
                whole.values().get(index), percentile.evaluate(2.5), percentile.evaluate(97.5));
    }

    /** What is measured of all units or of those drawn: three alphas, two shares of agreeing pairs. */
    private record Figures(List<Double> values) {
        static Figures of(List<KrippendorffAlpha.Coded> units) {
            List<Double> values = new ArrayList<>();
            for (KrippendorffAlpha.Level level : KrippendorffAlpha.Level.values()) {
                values.add(KrippendorffAlpha.of(units, NUMBERS, level));
            }
            double[] all = new double[2];
            double[] strict = new double[2];
            for (KrippendorffAlpha.Coded unit : units) {
                double n = total(unit);
                double first = unit.counts().get(Judgement.FIRST);
                double second = unit.counts().get(Judgement.SECOND);
                double tie = unit.counts().get(Judgement.TIE);
                all[0] += unit.units() * pairs(n);
                all[1] += unit.units() * (pairs(first) + pairs(second) + pairs(tie));
                strict[0] += unit.units() * pairs(first + second);
                strict[1] += unit.units() * (pairs(first) + pairs(second));
            }
            values.add(all[1] / all[0]);
            values.add(strict[1] / strict[0]);
            return new Figures(values);
        }

        private static double pairs(double n) {
            return n * (n - 1) / 2;
        }
    }
}
