package org.rlhf4j.preference.clean;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.digest.DigestSort;

/**
 * Leaves out pairs, chosen by chance, so that among those whose completions differ in length by 1, by 2 to 3, by 4 to 7,
 * ... characters the longer one is preferred in half of them. Which are left out depends on what the pairs say and not on
 * their order, but that of equal pairs the earlier is kept. Ties and completions of one length stay.
 */
final class BalanceLength extends RowFilter {
    static final List<StepParameter> PARAMETERS = List.of(StepParameter.seed());

    private static final int SHORTER = 0;
    private static final int LONGER = 1;

    private final long seed;
    private final DigestSort order = new DigestSort();
    private final long[][] counts = new long[Long.SIZE][2];
    private final BitSet removed = new BitSet();

    BalanceLength(StepSettings settings) {
        seed = settings.whole("seed");
    }

    @Override
    boolean looksFirst() {
        return true;
    }

    @Override
    void look(int number, Located<Row> row) {
        long excess = excess(row.value());
        if (excess != 0) {
            int bucket = bucket(excess);
            int side = excess > 0 ? LONGER : SHORTER;
            counts[bucket][side]++;
            order.add(new Digest(2L * bucket + side, Sample.chance(seed, row.value())), number);
        }
    }

    /** How many characters the preferred completion is longer; 0 where neither is preferred. */
    private static long excess(Row row) {
        PreferencePair pair = (PreferencePair) row;
        if (pair.isTie()) {
            return 0;
        }
        String chosen = RowTexts.words(pair.chosen());
        String rejected = RowTexts.words(pair.rejected());
        long excess = chosen.codePointCount(0, chosen.length()) - (long) rejected.codePointCount(0, rejected.length());
        return pair.probability() != null && pair.probability() < 0.5 ? -excess : excess;
    }

    private static int bucket(long excess) {
        return Long.SIZE - 1 - Long.numberOfLeadingZeros(Math.abs(excess));
    }

    private long kept(int bucket) {
        return Math.min(counts[bucket][SHORTER], counts[bucket][LONGER]);
    }

    @Override
    void decide() {
        long[] seen = new long[2 * Long.SIZE];
        order.forEach((first, key, number) -> {
            int group = (int) key.high();
            if (seen[group]++ >= kept(group / 2)) {
                removed.set((int) number);
            }
        });
    }

    @Override
    @Nullable
    Removed judge(int number, Located<Row> row) {
        if (!removed.get(number)) {
            return null;
        }
        long excess = excess(row.value());
        String than = Math.abs(excess) + " characters " + (excess > 0 ? "longer" : "shorter");
        return new Removed(excess > 0 ? "longer-preferred" : "shorter-preferred", "the preferred one is " + than);
    }

    @Override
    Map<String, Object> figures() {
        long longer = 0;
        long all = 0;
        long kept = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            longer += counts[bucket][LONGER];
            all += counts[bucket][SHORTER] + counts[bucket][LONGER];
            kept += kept(bucket);
        }
        Map<String, Object> figures = new LinkedHashMap<>();
        figures.put("pairs_of_different_length_before", all);
        figures.put("longer_preferred_before", longer);
        figures.put("pairs_of_different_length_after", 2 * kept);
        figures.put("longer_preferred_after", kept);
        return figures;
    }

    @Override
    public void close() {
        order.close();
    }
}
