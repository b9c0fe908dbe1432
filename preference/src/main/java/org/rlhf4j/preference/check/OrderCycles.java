package org.rlhf4j.preference.check;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.DirectedGraph;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.digest.Place;
import org.rlhf4j.preference.digest.RecordSort;

/**
 * Finds out where preferences contradict each other, across rows and files and in whatever order they come: two completions
 * of a prompt preferred both ways, by one annotator or by several, and completions that are preferred in a circle.
 *
 * <p>Each preference is a record of five numbers, 40 bytes: 64 bits of the digests of its prompt and of both completions
 * (two prompts among n share theirs with probability n^2 / 2^65, 10^-8 for a million), of the annotator's name, and the
 * place. Sorted they bring together what is said of two completions, and everything of a prompt. Only the pairs of
 * completions of one prompt are kept at a time, at most {@value #MOST_PAIRS}: those of one ranking of 1024.
 */
final class OrderCycles implements AutoCloseable {
    static final int MOST_PAIRS = 1 << 19;

    private static final int PREFERS_FIRST = 0;
    private static final int PREFERS_SECOND = 1;
    private static final long NOBODY = 0;
    private static final long NOWHERE = Long.MAX_VALUE;
    private static final int MOST_NAMES = 1 << 12;

    private final RecordSort orders = new RecordSort(5);
    private final Map<Long, String> names = new HashMap<>();
    private final int mostPairs;

    OrderCycles() {
        this(MOST_PAIRS);
    }

    /** With another limit of pairs a prompt. */
    OrderCycles(int mostPairs) {
        this.mostPairs = mostPairs;
    }

    /** Receives what is found. */
    interface Findings {
        /**
         * One finding.
         *
         * @param rule what it is
         * @param place the packed place that it is reported at
         * @param detail makes the words for it from what makes the name of a place
         */
        void add(Rule rule, long place, Detail detail);
    }

    /** Words that name places. */
    @FunctionalInterface
    interface Detail {
        /** The words. */
        String of(LongFunction<String> name);
    }

    /**
     * Adds a preference.
     *
     * @param prompt the prompt
     * @param better the preferred completion
     * @param worse the other one
     * @param annotator who prefers it; null where that is not known
     * @param file the index of the file
     * @param line the line
     */
    void add(Digest prompt, Digest better, Digest worse, @Nullable String annotator, int file, long line) {
        boolean ordered = Long.compareUnsigned(better.high(), worse.high()) <= 0;
        orders.add(
                prompt.high(),
                ordered ? better.high() : worse.high(),
                ordered ? worse.high() : better.high(),
                annotator == null ? NOBODY : id(annotator),
                Place.pack(file, line, ordered ? PREFERS_FIRST : PREFERS_SECOND));
    }

    private long id(String annotator) {
        long id = new Digest.Builder("annotator").add(annotator).build().high() | 1;
        if (names.size() < MOST_NAMES) {
            names.putIfAbsent(id, annotator);
        }
        return id;
    }

    /** Finds everything; nothing can be added afterwards. */
    void find(Findings findings) {
        Prompt prompt = new Prompt(findings);
        orders.forEach(prompt::visit);
        prompt.finish();
    }

    private String name(long annotator) {
        String name = names.get(annotator);
        return name == null ? "an annotator" : "annotator \"" + name + "\"";
    }

    @Override
    public void close() {
        orders.close();
    }

    /** What is said of two completions. */
    private static final class Pair {
        private final long[] first = {NOWHERE, NOWHERE};
        private final long[] firstNamed = {NOWHERE, NOWHERE};
        private final long[] firstOfAnnotator = {NOWHERE, NOWHERE};
        private final long[] self = {NOWHERE, NOWHERE};
        private long annotator;
        private long selfAnnotator;

        void clear() {
            Arrays.fill(first, NOWHERE);
            Arrays.fill(firstNamed, NOWHERE);
            Arrays.fill(firstOfAnnotator, NOWHERE);
            Arrays.fill(self, NOWHERE);
            annotator = NOBODY;
        }

        void add(long itsAnnotator, long place) {
            int mark = Place.mark(place);
            first[mark] = Math.min(first[mark], place);
            if (itsAnnotator == NOBODY) {
                return;
            }
            if (itsAnnotator != annotator) {
                Arrays.fill(firstOfAnnotator, NOWHERE);
                annotator = itsAnnotator;
            }
            firstNamed[mark] = Math.min(firstNamed[mark], place);
            firstOfAnnotator[mark] = Math.min(firstOfAnnotator[mark], place);
            if (isBothWays(firstOfAnnotator) && later(firstOfAnnotator) < later(self)) {
                self[0] = firstOfAnnotator[0];
                self[1] = firstOfAnnotator[1];
                selfAnnotator = annotator;
            }
        }

        static boolean isBothWays(long[] places) {
            return places[0] != NOWHERE && places[1] != NOWHERE;
        }

        static long later(long[] places) {
            return Math.max(places[0], places[1]);
        }

        static long earlier(long[] places) {
            return Math.min(places[0], places[1]);
        }
    }

    /** Everything that is said of the completions of one prompt. */
    private final class Prompt {
        private final Findings findings;
        private final Pair pair = new Pair();
        private final Map<Long, Integer> texts = new LinkedHashMap<>();
        private long[] key = {0, 0, 0};
        private int[] better = new int[16];
        private int[] worse = new int[16];
        private long[] places = new long[16];
        private int size;
        private long lastPlace;
        private boolean started;
        private boolean overflown;

        Prompt(Findings findings) {
            this.findings = findings;
        }

        void visit(long[] values) {
            boolean samePrompt = started && key[0] == values[0];
            if (!samePrompt || key[1] != values[1] || key[2] != values[2]) {
                finishPair();
                if (!samePrompt) {
                    finishPrompt();
                }
                key = Arrays.copyOf(values, key.length);
                started = true;
            }
            pair.add(values[3], values[4]);
        }

        void finish() {
            finishPair();
            finishPrompt();
        }

        private void finishPair() {
            if (!started) {
                return;
            }
            lastPlace = Math.max(lastPlace, Math.min(pair.first[0], pair.first[1]));
            if (Pair.isBothWays(pair.first)) {
                contradiction();
            } else if (size < mostPairs) {
                keep();
            } else {
                overflown = true;
            }
            pair.clear();
        }

        /** One finding for two completions, however many rows say either. */
        private void contradiction() {
            Rule rule = Rule.CONTRADICTION;
            long[] both = pair.first;
            String who = "";
            if (Pair.isBothWays(pair.self)) {
                rule = Rule.SELF_CONTRADICTION;
                both = pair.self;
                who = name(pair.selfAnnotator) + " ";
            } else if (Pair.isBothWays(pair.firstNamed)) {
                rule = Rule.ANNOTATORS_DISAGREE;
                both = pair.firstNamed;
            }
            long original = Pair.earlier(both);
            String subject = who;
            findings.add(
                    rule, Pair.later(both), place -> subject + "prefers what is rejected at " + place.apply(original));
        }

        private void keep() {
            if (size == better.length) {
                better = Arrays.copyOf(better, 2 * size);
                worse = Arrays.copyOf(worse, 2 * size);
                places = Arrays.copyOf(places, 2 * size);
            }
            int low = index(key[1]);
            int high = index(key[2]);
            boolean firstBetter = pair.first[PREFERS_FIRST] != NOWHERE;
            better[size] = firstBetter ? low : high;
            worse[size] = firstBetter ? high : low;
            places[size] = Math.min(pair.first[0], pair.first[1]);
            size++;
        }

        private int index(long text) {
            return texts.computeIfAbsent(text, fresh -> texts.size());
        }

        /** A circle of contradicting pairs says no more than these, so they are left out. */
        private void finishPrompt() {
            if (overflown) {
                findings.add(
                        Rule.CYCLES_NOT_SOUGHT,
                        lastPlace,
                        place -> "more than " + mostPairs + " pairs of completions of this prompt are compared");
            } else if (size > 2) {
                DirectedGraph graph = new DirectedGraph(texts.size());
                for (int i = 0; i < size; i++) {
                    graph.add(better[i], worse[i]);
                }
                report(graph.cycle());
            }
            texts.clear();
            size = 0;
            lastPlace = 0;
            overflown = false;
        }

        private void report(List<Integer> cycle) {
            if (cycle.isEmpty()) {
                return;
            }
            long[] at = new long[cycle.size()];
            long last = 0;
            for (int i = 0; i < at.length; i++) {
                at[i] = place(cycle.get(i), cycle.get((i + 1) % at.length));
                last = Math.max(last, at[i]);
            }
            findings.add(
                    Rule.PREFERENCE_CYCLE,
                    last,
                    place -> at.length + " completions are preferred in a circle, at "
                            + Arrays.stream(at).mapToObj(place).collect(Collectors.joining(", ")));
        }

        private long place(int from, int to) {
            for (int i = 0; i < size; i++) {
                if (better[i] == from && worse[i] == to) {
                    return places[i];
                }
            }
            throw new IllegalStateException("an edge of a cycle that is not there");
        }
    }
}
