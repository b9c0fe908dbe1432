package org.rlhf4j.preference.check;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rlhf4j.preference.format.Excerpt;

/** Counts on how many rows each unused field stands; beyond a number of different names, all others as one. */
public final class FieldTally {
    private static final int MAX_NAMES = 64;
    private static final String OTHERS = "(others)";

    private final Map<String, Long> rows = new TreeMap<>();

    /** Counts the unused fields of one row. */
    public void add(List<String> names) {
        for (String name : new LinkedHashSet<>(names)) {
            boolean counted = rows.size() < MAX_NAMES || rows.containsKey(name);
            rows.merge(counted ? Excerpt.of(name) : OTHERS, 1L, Long::sum);
        }
    }

    /** The rows by field, in the order of the names. */
    public Map<String, Long> rows() {
        return new TreeMap<>(rows);
    }
}
