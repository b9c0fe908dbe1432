package org.rlhf4j.preference.check;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.digest.Place;
import org.rlhf4j.preference.format.Excerpt;
import org.rlhf4j.preference.read.RowScanner;

/** Counts problems by rule, and keeps the first few of each in reading order, in whatever order they are told. */
public final class ProblemTally {
    private static final int EXAMPLES = 3;

    private final Map<Rule, Entry> entries = new EnumMap<>(Rule.class);

    private static final class Entry {
        private final TreeMap<Long, Finding.Example> examples = new TreeMap<>();
        private long count;
    }

    /**
     * Counts one problem.
     *
     * @param rule the rule it breaks
     * @param place where, as {@link Place} packs it
     * @param example called only when the place is among the first
     */
    public void add(Rule rule, long place, Supplier<Finding.Example> example) {
        Entry entry = entries.computeIfAbsent(rule, r -> new Entry());
        entry.count++;
        boolean early = entry.examples.size() < EXAMPLES || place < entry.examples.lastKey();
        if (early && !entry.examples.containsKey(place)) {
            entry.examples.put(place, example.get());
            if (entry.examples.size() > EXAMPLES) {
                entry.examples.pollLastEntry();
            }
        }
    }

    /** Counts the problems of one row. */
    public void addAll(List<Problem> problems, int file, RowScanner.Scanned row) {
        for (Problem problem : problems) {
            add(problem.rule(), Place.pack(file, row.line(), 0), () -> {
                String excerpt =
                        row.nodes().isEmpty() ? "" : Excerpt.of(row.nodes().get(0));
                return new Finding.Example(row.file(), row.line(), problem.detail(), excerpt);
            });
        }
    }

    /** What was found, in the order of the rules: errors first. */
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        entries.forEach((rule, entry) ->
                findings.add(new Finding(rule, rule.severity(), entry.count, List.copyOf(entry.examples.values()))));
        return findings;
    }
}
