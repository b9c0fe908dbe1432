package org.rlhf4j.preference.rank;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.read.RowScanner;

/**
 * What a row says of its completions, as comparisons.
 *
 * @param levels names of the completions, best level first
 * @param weight how much it counts
 */
record Comparisons(List<List<String>> levels, double weight) {
    /**
     * A completion of a row.
     *
     * @param text what it says
     * @param model who wrote it, or null
     */
    record Completion(Content text, @Nullable String model) {}

    /**
     * The completions of a row, in the order of the data.
     *
     * @throws DataFormatException if the row is no comparison
     */
    static List<Completion> completions(RowScanner.Scanned place, Row row) {
        if (row instanceof PreferencePair pair) {
            return List.of(
                    new Completion(pair.chosen(), pair.chosenModel()),
                    new Completion(pair.rejected(), pair.rejectedModel()));
        }
        if (row instanceof Ranking ranking) {
            return ranking.completions().stream()
                    .map(c -> new Completion(c.text(), c.model()))
                    .toList();
        }
        if (row instanceof PartialOrder order) {
            return order.completions().stream()
                    .map(c -> new Completion(c.text(), c.model()))
                    .toList();
        }
        throw new DataFormatException(
                place.file(),
                place.line(),
                "comparisons are needed, but this file holds " + row.kind().plural());
    }

    /**
     * What a row says. A pair of probability p is p of a win and 1 - p of a loss, one of 0.5 a tie; a ranking is whole; a
     * partial order is every pair that follows.
     *
     * @param row a pair, ranking or partial order
     * @param names a name for each of its completions; null for one to be left out
     */
    static List<Comparisons> of(Row row, List<@Nullable String> names) {
        List<Comparisons> said = new ArrayList<>();
        if (row instanceof PreferencePair pair) {
            Double given = pair.probability();
            double p = given == null ? 1 : given;
            if (pair.isTie()) {
                add(said, names.get(0), names.get(1), pair.weight(), true);
            } else {
                add(said, names.get(0), names.get(1), p * pair.weight(), false);
                add(said, names.get(1), names.get(0), (1 - p) * pair.weight(), false);
            }
        } else if (row instanceof Ranking ranking) {
            TreeMap<Integer, List<String>> levels = new TreeMap<>();
            int index = 0;
            for (RankedCompletion completion : ranking.completions()) {
                String name = names.get(index++);
                if (name != null) {
                    levels.computeIfAbsent(completion.rank(), rank -> new ArrayList<>())
                            .add(name);
                }
            }
            said.add(new Comparisons(List.copyOf(levels.values()), 1));
        } else if (row instanceof PartialOrder order) {
            for (PartialOrder.Implied pair : order.closure()) {
                add(said, names.get(pair.better()), names.get(pair.worse()), 1, false);
            }
        }
        return said;
    }

    private static void add(
            List<Comparisons> said, @Nullable String better, @Nullable String worse, double weight, boolean tie) {
        if (better != null && worse != null && weight > 0) {
            List<List<String>> levels =
                    tie ? List.of(List.of(better, worse)) : List.of(List.of(better), List.of(worse));
            said.add(new Comparisons(levels, weight));
        }
    }
}
