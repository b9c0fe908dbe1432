package org.rlhf4j.preference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rlhf4j.base.Content;

/**
 * Which completions of pairs and rankings are imitated where demonstrations are wanted.
 *
 * <p>A completion that stands in several rows, as in several pairs of one ranking, is given as often as it stands there.
 * Demonstrations of a row with the id {@code r} have the ids {@code r/1}, {@code r/2}, ..., best first.
 */
public enum CompletionChoice implements RowConversion<Demonstration> {
    /**
     * The best: the one more likely preferred of a pair, the first rank of a ranking, those of a partial order to which none
     * is preferred, a completion judged desirable; of a tie, every one.
     */
    BEST,
    /** Every one. */
    ALL;

    @Override
    public Row.Kind result() {
        return Row.Kind.DEMONSTRATION;
    }

    @Override
    public boolean takes(Row.Kind kind) {
        return kind != Row.Kind.PROMPT && kind != Row.Kind.STEPWISE;
    }

    @Override
    public List<Demonstration> of(Row row) {
        if (row instanceof Demonstration demonstration) {
            return List.of(demonstration);
        }
        if (row instanceof UnpairedPreference judged) {
            boolean wanted = this == ALL || judged.label();
            return wanted ? demonstrations(judged, List.of(judged.completion()), 1) : List.of();
        }
        if (row instanceof PreferencePair pair) {
            Double probability = pair.probability();
            return probability != null && probability < 0.5
                    ? demonstrations(pair, List.of(pair.rejected(), pair.chosen()), 1)
                    : demonstrations(pair, List.of(pair.chosen(), pair.rejected()), pair.isTie() ? 2 : 1);
        }
        if (row instanceof Ranking ranking) {
            List<Content> bestFirst = ranking.levels().stream()
                    .flatMap(List::stream)
                    .map(RankedCompletion::text)
                    .toList();
            return demonstrations(ranking, bestFirst, ranking.levels().get(0).size());
        }
        if (row instanceof PartialOrder order) {
            List<Content> bestFirst = Arrays.stream(order.bestFirst())
                    .mapToObj(i -> order.completions().get(i).text())
                    .toList();
            return demonstrations(order, bestFirst, order.maximal().cardinality());
        }
        throw new IllegalArgumentException(row.kind().plural() + " have no completion to imitate");
    }

    private List<Demonstration> demonstrations(Row row, List<Content> bestFirst, int best) {
        List<Demonstration> demonstrations = new ArrayList<>();
        for (Content completion : this == ALL ? bestFirst : bestFirst.subList(0, best)) {
            demonstrations.add(
                    new Demonstration(row.prompt(), completion, row.origin().numbered(demonstrations.size() + 1)));
        }
        return demonstrations;
    }
}
