package org.rlhf4j.preference.clean;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;

/** Rows that repeat earlier ones: one bit a row, and of the first few what they repeat. */
final class Repeats {
    private final BitSet repeated = new BitSet();
    private final TreeMap<Integer, Integer> first = new TreeMap<>();
    private final Map<Integer, String> places = new HashMap<>();

    /** Notes a row and the earlier one that it repeats. */
    void add(int number, int original) {
        repeated.set(number);
        first.put(number, original);
        if (first.size() > Tally.EXAMPLES) {
            first.pollLastEntry();
        }
    }

    /** What a row repeats, as a clause; null where it repeats nothing. To be asked of all rows in their order. */
    @Nullable
    String judge(int number, Located<Row> row) {
        if (first.containsValue(number)) {
            places.put(number, row.place());
        }
        if (!repeated.get(number)) {
            return null;
        }
        String place = places.get(first.getOrDefault(number, -1));
        return place == null ? "an earlier row" : place;
    }
}
