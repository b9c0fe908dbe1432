package org.rlhf4j.preference.digest;

import java.util.List;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;

/** Which completions a row prefers to which, two at a time. */
public final class RowOrders {
    private RowOrders() {}

    /** Receives two completions of a prompt. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Two completions.
         *
         * @param better the preferred one, by its index in {@link RowKeys#texts()}
         * @param worse the other one, likewise
         */
        void visit(int better, int worse);
    }

    /**
     * Passes every order of a row: one of a pair that is not tied (of a probability below one half it is rejected that is
     * preferred), k(k-1)/2 of a ranking without ties, all that follow from a partial order, none of other rows.
     */
    public static void forEach(Row row, Visitor visitor) {
        if (row instanceof PreferencePair pair && !pair.isTie()) {
            boolean asWritten = pair.probability() == null || pair.probability() > 0.5;
            visitor.visit(asWritten ? 0 : 1, asWritten ? 1 : 0);
        } else if (row instanceof Ranking ranking) {
            int level = 0;
            for (List<RankedCompletion> tied : ranking.levels()) {
                int next = level + tied.size();
                for (int better = level; better < next; better++) {
                    for (int worse = next; worse < ranking.completions().size(); worse++) {
                        visitor.visit(better, worse);
                    }
                }
                level = next;
            }
        } else if (row instanceof PartialOrder order) {
            order.closure().forEach(pair -> visitor.visit(pair.better(), pair.worse()));
        }
    }
}
