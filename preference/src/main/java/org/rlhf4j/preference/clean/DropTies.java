package org.rlhf4j.preference.clean;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;

/** Leaves out what prefers nothing: tied pairs, and rankings of one rank. */
final class DropTies extends RowFilter {
    @Override
    @Nullable
    Removed judge(int number, Located<Row> row) {
        if (row.value() instanceof PreferencePair pair && pair.isTie()) {
            return new Removed("tie", "the probability is 0.5");
        }
        if (row.value() instanceof Ranking ranking && ranking.levels().size() == 1) {
            return new Removed("tie", "all completions have one rank");
        }
        return null;
    }
}
