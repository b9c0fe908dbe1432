package org.rlhf4j.preference;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Turns rankings and partial orders into pairs.
 *
 * <p>Pairs come in a fixed order: first the tied ones (if kept), then those of neighbouring levels, then those two
 * levels apart, and so on; within one distance from the best level down; within two levels in the order of the data.
 * So the ranking B, A, C gives B over A, A over C, B over C: what neighbours say first. A ranking with the id
 * {@code r} gives pairs with the ids {@code r/1}, {@code r/2}, ... in this order.
 *
 * @param strategy which completions are compared
 * @param ties what becomes of completions of equal rank
 * @param weights how much the pairs of one ranking count
 */
public record RankingPairs(PairStrategy strategy, TiePolicy ties, PairWeights weights)
        implements RowConversion<PreferencePair> {
    /**
     * With pairs that count 1 each.
     *
     * @param strategy which completions are compared
     * @param ties what becomes of completions of equal rank
     */
    public RankingPairs(PairStrategy strategy, TiePolicy ties) {
        this(strategy, ties, PairWeights.NONE);
    }

    @Override
    public Row.Kind result() {
        return Row.Kind.PAIR;
    }

    @Override
    public boolean takes(Row.Kind kind) {
        return kind == Row.Kind.PAIR || kind == Row.Kind.RANKING || kind == Row.Kind.PARTIAL_ORDER;
    }

    @Override
    public List<PreferencePair> of(Row row) {
        if (row instanceof PreferencePair pair) {
            return List.of(pair);
        }
        if (row instanceof Ranking ranking) {
            return of(ranking);
        }
        if (row instanceof PartialOrder order) {
            return of(order);
        }
        throw new IllegalArgumentException(row.kind().plural() + " are no comparisons");
    }

    /**
     * The pairs of a ranking.
     *
     * @param ranking the ranking
     * @return its pairs in the order described above; empty when all completions are tied and ties are dropped
     */
    public List<PreferencePair> of(Ranking ranking) {
        List<List<RankedCompletion>> levels = ranking.levels();
        List<RankedCompletion[]> chosenAndRejected = new ArrayList<>();
        int last = levels.size() - 1;
        for (int distance = ties == TiePolicy.KEEP ? 0 : 1; distance <= last; distance++) {
            for (int better = 0; better + distance <= last; better++) {
                if (strategy.selects(better, better + distance, last)) {
                    addAll(chosenAndRejected, levels.get(better), levels.get(better + distance));
                }
            }
        }
        double weight = weights == PairWeights.NONE ? 1.0 : 1.0 / chosenAndRejected.size();
        List<PreferencePair> pairs = new ArrayList<>(chosenAndRejected.size());
        for (RankedCompletion[] pair : chosenAndRejected) {
            Double probability = pair[0].rank() == pair[1].rank() ? 0.5 : null;
            pairs.add(new PreferencePair(
                    ranking.prompt(),
                    pair[0].text(),
                    pair[1].text(),
                    null,
                    probability,
                    weight,
                    pair[0].model(),
                    pair[1].model(),
                    ranking.origin().numbered(pairs.size() + 1)));
        }
        return pairs;
    }

    /**
     * The pairs of a partial order. Of the preferences that follow by transitivity, {@link PairStrategy#ALL} selects every
     * one, {@link PairStrategy#ADJACENT} those with nothing in between (the covering relations), {@link
     * PairStrategy#BEST_VS_REST} those of the completions to which none is preferred, and {@link
     * PairStrategy#BEST_VS_WORST} of these again those over completions that are preferred to none. Where the order is
     * that of a ranking without ties, the pairs are the ranking's.
     *
     * @param order the partial order
     * @return its pairs in the order of {@link PartialOrder#closure()}; at least one
     */
    public List<PreferencePair> of(PartialOrder order) {
        BitSet best = order.maximal();
        BitSet worst = order.minimal();
        List<PartialOrder.Implied> selected = order.closure().stream()
                .filter(pair -> switch (strategy) {
                    case ALL -> true;
                    case ADJACENT -> pair.distance() == 1;
                    case BEST_VS_REST -> best.get(pair.better());
                    case BEST_VS_WORST -> best.get(pair.better()) && worst.get(pair.worse());
                })
                .toList();
        double weight = weights == PairWeights.NONE ? 1.0 : 1.0 / selected.size();
        List<PreferencePair> pairs = new ArrayList<>(selected.size());
        for (PartialOrder.Implied pair : selected) {
            PartialOrder.Completion chosen = order.completions().get(pair.better());
            PartialOrder.Completion rejected = order.completions().get(pair.worse());
            pairs.add(new PreferencePair(
                    order.prompt(),
                    chosen.text(),
                    rejected.text(),
                    null,
                    null,
                    weight,
                    chosen.model(),
                    rejected.model(),
                    order.origin().numbered(pairs.size() + 1)));
        }
        return pairs;
    }

    /**
     * How many tied pairs of a ranking are left out.
     *
     * @param ranking the ranking
     * @return the number of tied pairs that the strategy selects, when ties are dropped; otherwise 0
     */
    public long droppedTies(Ranking ranking) {
        if (ties == TiePolicy.KEEP) {
            return 0;
        }
        List<List<RankedCompletion>> levels = ranking.levels();
        long dropped = 0;
        for (int level = 0; level < levels.size(); level++) {
            if (strategy.selects(level, level, levels.size() - 1)) {
                long size = levels.get(level).size();
                dropped += size * (size - 1) / 2;
            }
        }
        return dropped;
    }

    private static void addAll(
            List<RankedCompletion[]> pairs, List<RankedCompletion> better, List<RankedCompletion> worse) {
        boolean sameLevel = better == worse;
        for (int i = 0; i < better.size(); i++) {
            for (int j = sameLevel ? i + 1 : 0; j < worse.size(); j++) {
                pairs.add(new RankedCompletion[] {better.get(i), worse.get(j)});
            }
        }
    }
}
