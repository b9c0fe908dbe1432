package org.rlhf4j.lm.data;

import java.util.List;
import org.rlhf4j.lm.text.EncodedExample;

/**
 * What preferences are learned from and judged by: completions of one prompt as token ids, and which are better than
 * which. {@link ComparisonSet} makes them from rows of text.
 */
public sealed interface Comparison permits Comparison.Pairs, Comparison.Ranked {
    /** Where the row stands, such as {@code pairs.jsonl:17}; the first one where several rows were joined. */
    String place();

    /** Every completion once, with its prompt. */
    List<EncodedExample> examples();

    /** How much the row counts in the mean loss; positive. */
    double weight();

    /** Whether there is a pair to evaluate: a ranking of ties alone holds none. */
    boolean holdsPairs();

    /**
     * One or more pairs of completions of one prompt.
     *
     * @param place where the first pair stands
     * @param examples the completions
     * @param preferences the pairs, at least one
     */
    record Pairs(String place, List<EncodedExample> examples, List<Preference> preferences) implements Comparison {
        /** Copies the lists and checks that the pairs are among the completions. */
        public Pairs {
            examples = List.copyOf(examples);
            preferences = List.copyOf(preferences);
            if (preferences.isEmpty()) {
                throw new IllegalArgumentException(place + ": there is no pair");
            }
            for (Preference pair : preferences) {
                if (Math.min(pair.chosen, pair.rejected) < 0
                        || Math.max(pair.chosen, pair.rejected) >= examples.size()) {
                    throw new IllegalArgumentException(
                            place + ": " + pair + " is not among " + examples.size() + " completions");
                }
            }
        }

        /** A single pair that is certain, without a margin, of weight 1. */
        public static Pairs of(String place, EncodedExample chosen, EncodedExample rejected) {
            return new Pairs(place, List.of(chosen, rejected), List.of(new Preference(0, 1, 0, 1, 1)));
        }

        @Override
        public boolean holdsPairs() {
            return true;
        }

        @Override
        public double weight() {
            return preferences.stream().mapToDouble(Preference::weight).sum();
        }
    }

    /**
     * A pair.
     *
     * @param chosen index of the better completion
     * @param rejected index of the worse one
     * @param margin how much better it is known to be, in score units; 0 when unknown
     * @param probability how sure the label is, in [0, 1]; 0.5 is a tie
     * @param weight how much the pair counts; positive
     */
    record Preference(int chosen, int rejected, double margin, double probability, double weight) {
        /** The same pair where its completions stand {@code by} places further on. */
        Preference shifted(int by) {
            return new Preference(chosen + by, rejected + by, margin, probability, weight);
        }
    }

    /**
     * A whole ranking.
     *
     * @param place where the row stands
     * @param examples the completions, best first
     * @param ranks the rank of each, in the same order; 1 is best, equal ranks are ties
     * @param weight how much the ranking counts
     */
    record Ranked(String place, List<EncodedExample> examples, List<Integer> ranks, double weight)
            implements Comparison {
        /** Copies the lists and checks their lengths. */
        public Ranked {
            examples = List.copyOf(examples);
            ranks = List.copyOf(ranks);
            if (examples.size() != ranks.size() || examples.size() < 2) {
                throw new IllegalArgumentException(place + ": a ranking needs a rank for each of at least 2"
                        + " completions but has " + ranks.size() + " for " + examples.size());
            }
        }

        @Override
        public boolean holdsPairs() {
            return ranks.stream().distinct().count() > 1;
        }
    }
}
