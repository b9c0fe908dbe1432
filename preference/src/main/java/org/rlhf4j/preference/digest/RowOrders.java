package org.rlhf4j.preference.digest;

import java.util.List;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;

/** Which completions a row prefers to which, two at a time, as digests. */
public final class RowOrders {
    private RowOrders() {}

    /** Receives two completions of a prompt. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Two completions.
         *
         * @param both stands for the prompt and the two completions, whichever is preferred
         * @param direction 0 or 1: which of the two is preferred, the same number for the same one in every row
         */
        void visit(Digest both, int direction);
    }

    /**
     * Passes every order of a row: one of a pair that is not tied (of a probability below one half it is rejected that is
     * preferred), k(k-1)/2 of a ranking without ties, all that follow from a partial order, none of other rows.
     */
    public static void forEach(Row row, Visitor visitor) {
        if (row instanceof PreferencePair pair && !pair.isTie()) {
            boolean asWritten = pair.probability() == null || pair.probability() > 0.5;
            visit(RowKeys.of(row), asWritten ? 0 : 1, asWritten ? 1 : 0, visitor);
        } else if (row instanceof Ranking ranking) {
            RowKeys keys = RowKeys.of(row);
            int level = 0;
            for (List<RankedCompletion> tied : ranking.levels()) {
                int next = level + tied.size();
                for (int better = level; better < next; better++) {
                    for (int worse = next; worse < keys.texts().size(); worse++) {
                        visit(keys, better, worse, visitor);
                    }
                }
                level = next;
            }
        } else if (row instanceof PartialOrder order) {
            RowKeys keys = RowKeys.of(row);
            for (PartialOrder.Implied pair : order.closure()) {
                visit(keys, pair.better(), pair.worse(), visitor);
            }
        }
    }

    /** Two completions, by their indices among the texts of a row. */
    private static void visit(RowKeys keys, int better, int worse, Visitor visitor) {
        Digest high = keys.texts().get(better);
        Digest low = keys.texts().get(worse);
        visitor.visit(RowKeys.unordered(keys.prompt(), high, low), high.compareTo(low) <= 0 ? 0 : 1);
    }
}
