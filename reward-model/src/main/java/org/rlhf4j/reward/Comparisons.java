package org.rlhf4j.reward;

import java.util.List;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.TextRow;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;

/** How rows become comparisons. */
final class Comparisons {
    private Comparisons() {}

    static TextRow text(Located<? extends Row> row) {
        if (row.value() instanceof PreferencePair pair) {
            return new TextRow(row.place(), pair.prompt(), List.of(pair.chosen(), pair.rejected()));
        }
        if (row.value() instanceof Ranking ranking) {
            return new TextRow(
                    row.place(),
                    ranking.prompt(),
                    bestFirst(ranking).stream().map(RankedCompletion::text).toList());
        }
        throw new DataFormatException(
                row.file(),
                row.line(),
                "pairs or rankings are needed, but this is one of "
                        + row.value().kind().plural());
    }

    static Comparison of(Located<? extends Row> row, List<EncodedExample> examples) {
        if (row.value() instanceof PreferencePair pair) {
            Double margin = pair.margin();
            Double probability = pair.probability();
            return new Comparison.Pair(
                    row.place(),
                    examples.get(0),
                    examples.get(1),
                    margin == null ? 0 : margin,
                    probability == null ? 1 : probability,
                    pair.weight());
        }
        List<Integer> ranks = bestFirst((Ranking) row.value()).stream()
                .map(RankedCompletion::rank)
                .toList();
        return new Comparison.Ranked(row.place(), examples, ranks, 1);
    }

    private static List<RankedCompletion> bestFirst(Ranking ranking) {
        return ranking.levels().stream().flatMap(List::stream).toList();
    }
}
