package org.rlhf4j.preference.rank;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * One choice among alternatives: the first of them were chosen, as equals where they are several.
 *
 * @param alternatives the indices of the items, those chosen first
 * @param chosen how many were chosen
 */
record Choice(List<Integer> alternatives, int chosen) {
    /**
     * The choices that outcomes are made of.
     *
     * @param choices the different ones
     * @param parts for each outcome its choices, as pairs of an index of {@code choices} and a factor
     */
    record Set(List<Choice> choices, List<List<Part>> parts) {
        /** The weight of each choice, from the weights of the outcomes. */
        double[] weights(double[] outcomes) {
            double[] weights = new double[choices.size()];
            for (int i = 0; i < outcomes.length; i++) {
                for (Part part : parts.get(i)) {
                    weights[part.choice] += part.factor * outcomes[i];
                }
            }
            return weights;
        }
    }

    /** A choice that an outcome is made of, and how much it counts. */
    record Part(int choice, double factor) {}

    /** Outcomes as a method sees them: stages of Plackett and Luce, or pairs. */
    static Set of(RankMethod method, List<List<List<Integer>>> outcomes) {
        Map<Choice, Integer> known = new HashMap<>();
        List<Choice> choices = new ArrayList<>();
        List<List<Part>> parts = new ArrayList<>();
        for (List<List<Integer>> outcome : outcomes) {
            List<Part> made = new ArrayList<>();
            Sink sink = (choice, factor) -> {
                Integer index = known.putIfAbsent(choice, choices.size());
                if (index == null) {
                    choices.add(choice);
                }
                made.add(new Part(index == null ? choices.size() - 1 : index, factor));
            };
            if (method == RankMethod.PLACKETT_LUCE) {
                stages(outcome, sink);
            } else {
                pairs(outcome, method == RankMethod.BRADLEY_TERRY, sink);
            }
            parts.add(made);
        }
        return new Set(choices, parts);
    }

    /** The sizes of the ties that have a weight, ascending. */
    static List<Integer> tieSizes(List<Choice> choices, double[] weights) {
        TreeSet<Integer> sizes = new TreeSet<>();
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0 && choices.get(i).chosen > 1) {
                sizes.add(choices.get(i).chosen);
            }
        }
        return List.copyOf(sizes);
    }

    private interface Sink {
        void add(Choice choice, double factor);
    }

    private static void stages(List<List<Integer>> levels, Sink sink) {
        for (int i = 0; i < levels.size(); i++) {
            List<Integer> alternatives = new ArrayList<>();
            levels.subList(i, levels.size()).forEach(alternatives::addAll);
            if (alternatives.size() > 1) {
                sink.add(new Choice(List.copyOf(alternatives), levels.get(i).size()), 1);
            }
        }
    }

    private static void pairs(List<List<Integer>> levels, boolean halfWins, Sink sink) {
        for (int i = 0; i < levels.size(); i++) {
            List<Integer> level = levels.get(i);
            for (int a = 0; a < level.size(); a++) {
                for (int b = a + 1; b < level.size(); b++) {
                    tie(level.get(a), level.get(b), halfWins, sink);
                }
                for (List<Integer> below : levels.subList(i + 1, levels.size())) {
                    for (int worse : below) {
                        sink.add(new Choice(List.of(level.get(a), worse), 1), 1);
                    }
                }
            }
        }
    }

    private static void tie(int a, int b, boolean halfWins, Sink sink) {
        if (halfWins) {
            sink.add(new Choice(List.of(a, b), 1), 0.5);
            sink.add(new Choice(List.of(b, a), 1), 0.5);
        } else {
            sink.add(new Choice(List.of(a, b), 2), 1);
        }
    }
}
