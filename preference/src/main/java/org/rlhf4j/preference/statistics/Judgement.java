package org.rlhf4j.preference.statistics;

import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.UnpairedPreference;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.digest.RowKeys;

/**
 * One thing that someone judged: two completions of a prompt in an order that does not depend on the row, or a completion
 * by itself.
 *
 * @param unit what was judged
 * @param value one of the constants
 */
record Judgement(Digest unit, int value) {
    /** The second completion is preferred, or the one completion is undesirable. */
    static final int SECOND = 0;

    /** Neither is preferred. */
    static final int TIE = 1;

    /** The first completion is preferred, or the one completion is desirable. */
    static final int FIRST = 2;

    /** All that a row says; nothing where its kind compares nothing. */
    static List<Judgement> of(Row row) {
        List<Judgement> said = new ArrayList<>();
        if (row instanceof UnpairedPreference judged) {
            Digest unit = new Digest.Builder("one")
                    .add(RowKeys.prompt(row))
                    .add(Digest.of(judged.completion()))
                    .build();
            said.add(new Judgement(unit, judged.label() ? FIRST : SECOND));
            return said;
        }
        if (!(row instanceof PreferencePair || row instanceof Ranking || row instanceof PartialOrder)) {
            return said;
        }
        RowKeys keys = RowKeys.of(row);
        if (row instanceof PreferencePair pair) {
            Double given = pair.probability();
            double p = given == null ? 1 : given;
            said.add(of(keys, 0, 1, Double.compare(p, 0.5)));
        } else if (row instanceof Ranking ranking) {
            List<RankedCompletion> bestFirst =
                    ranking.levels().stream().flatMap(List::stream).toList();
            for (int i = 0; i < bestFirst.size(); i++) {
                for (int j = i + 1; j < bestFirst.size(); j++) {
                    said.add(of(
                            keys,
                            i,
                            j,
                            bestFirst.get(i).rank() == bestFirst.get(j).rank() ? 0 : 1));
                }
            }
        } else if (row instanceof PartialOrder order) {
            order.closure().forEach(pair -> said.add(of(keys, pair.better(), pair.worse(), 1)));
        }
        return said;
    }

    private static Judgement of(RowKeys keys, int i, int j, int order) {
        Digest first = keys.texts().get(i);
        Digest second = keys.texts().get(j);
        boolean asNamed = first.compareTo(second) <= 0;
        int value = TIE + Integer.signum(asNamed ? order : -order);
        return new Judgement(RowKeys.unordered(keys.prompt(), first, second), value);
    }
}
