package org.rlhf4j.lm.text;

import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.lm.text.ExampleEncoder.Outcome;
import org.rlhf4j.lm.text.ExampleEncoder.Refusal;

/** Counts what becomes of the rows of a data set and remembers the first bad row of each kind. */
final class DatasetCheck {
    private final Map<Refusal.Kind, Integer> bad = new EnumMap<>(Refusal.Kind.class);
    private final Map<Refusal.Kind, String> first = new EnumMap<>(Refusal.Kind.class);
    private long rows;
    private long kept;
    private long truncated;
    private long dropped;
    private long unknown;
    private long tokens;
    private int longest;

    void add(String place, Outcome outcome, boolean isDropped) {
        rows++;
        @Nullable Refusal refusal = outcome.refusal();
        if (isDropped) {
            dropped++;
        } else if (refusal != null) {
            bad.merge(refusal.kind(), 1, Integer::sum);
            first.putIfAbsent(refusal.kind(), place + ": " + refusal.reason());
        } else {
            kept++;
            truncated += outcome.cut() > 0 ? 1 : 0;
            unknown += outcome.unknown() > 0 ? 1 : 0;
            for (EncodedExample example : outcome.examples()) {
                tokens += example.length();
                longest = Math.max(longest, example.length());
            }
        }
    }

    EncodingCounts counts() {
        return new EncodingCounts(rows, kept, truncated, dropped, unknown, tokens, longest);
    }

    void requireClean() {
        if (!bad.isEmpty()) {
            StringJoiner kinds = new StringJoiner("; ");
            bad.forEach((kind, count) ->
                    kinds.add(count + " with " + kind.description + " (first " + first.get(kind) + ")"));
            int total = bad.values().stream().mapToInt(Integer::intValue).sum();
            String advice = bad.containsKey(Refusal.Kind.OVERLONG)
                    ? "; --on-overlong truncate cuts the left of prompts, drop leaves such rows out"
                    : "";
            throw new DataFormatException(total + " of " + rows + " rows cannot be used: " + kinds + advice);
        }
    }
}
