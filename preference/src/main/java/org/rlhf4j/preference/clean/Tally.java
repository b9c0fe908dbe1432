package org.rlhf4j.preference.clean;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.rlhf4j.preference.check.Finding;

/** Counts the rows that a step removed, by reason, and keeps the first few of each. */
final class Tally {
    /** How many rows are shown of a reason. */
    static final int EXAMPLES = 3;

    private final TreeMap<String, Entry> entries = new TreeMap<>();
    private long total;

    private static final class Entry {
        private final List<Finding.Example> examples = new ArrayList<>();
        private long count;
    }

    /** Counts a row. */
    void add(String reason, Finding.Example example) {
        Entry entry = entries.computeIfAbsent(reason, r -> new Entry());
        entry.count++;
        total++;
        if (entry.examples.size() < EXAMPLES) {
            entry.examples.add(example);
        }
    }

    long total() {
        return total;
    }

    /** What was counted, in the order of the reasons' names. */
    List<StepReport.Removal> removals() {
        List<StepReport.Removal> removals = new ArrayList<>();
        entries.forEach((reason, entry) -> removals.add(new StepReport.Removal(reason, entry.count, entry.examples)));
        return removals;
    }
}
