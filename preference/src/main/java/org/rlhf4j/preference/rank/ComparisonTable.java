package org.rlhf4j.preference.rank;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.SeededStream;

/**
 * Comparisons between named items: how often each outcome came about, and in which comparisons that belong together.
 *
 * <p>Memory: 16 bytes a comparison, and what the different outcomes and clusters take.
 */
public final class ComparisonTable {
    /** The most items that are ranked together: a matrix of their covariances still fits in a small heap. */
    public static final int MAX_ITEMS = 2048;

    private final List<String> items;
    private final List<List<List<Integer>>> outcomes;
    private final int[] outcome;
    private final double[] weight;
    private final int[] cluster;
    private final int clusters;

    private ComparisonTable(Builder builder) {
        this.items = List.copyOf(builder.items.keySet());
        this.outcomes = List.copyOf(builder.outcomes.keySet());
        this.outcome = Arrays.copyOf(builder.outcome, builder.size);
        this.weight = Arrays.copyOf(builder.weight, builder.size);
        this.cluster = Arrays.copyOf(builder.cluster, builder.size);
        this.clusters = builder.nextCluster;
    }

    /** Gathers comparisons. */
    public static final class Builder {
        private final Map<String, Integer> items = new LinkedHashMap<>();
        private final Map<List<List<Integer>>, Integer> outcomes = new LinkedHashMap<>();
        private final Map<Object, Integer> clusters = new HashMap<>();
        private int[] outcome = new int[0];
        private double[] weight = new double[0];
        private int[] cluster = new int[0];
        private int nextCluster;
        private int size;

        /**
         * Adds a comparison that stands for itself.
         *
         * @param levels the items from the best, those of one level tied; each item once
         * @param weight how much it counts, positive
         * @return this
         * @throws DataFormatException if there are more than {@link #MAX_ITEMS} items
         */
        public Builder add(List<List<String>> levels, double weight) {
            return add(levels, weight, nextCluster++);
        }

        /**
         * Adds a comparison of a cluster, such as those of one prompt: resampling takes all of a cluster or none.
         *
         * @param levels the items from the best, those of one level tied; each item once
         * @param weight how much it counts, positive
         * @param name the cluster
         * @return this
         * @throws DataFormatException if there are more than {@link #MAX_ITEMS} items
         */
        public Builder addToCluster(List<List<String>> levels, double weight, Object name) {
            Integer known = clusters.putIfAbsent(name, nextCluster);
            return add(levels, weight, known == null ? nextCluster++ : known);
        }

        private Builder add(List<List<String>> levels, double itsWeight, int itsCluster) {
            List<List<Integer>> indices = new ArrayList<>(levels.size());
            for (List<String> level : levels) {
                indices.add(level.stream().map(this::item).sorted().toList());
            }
            if (size == outcome.length) {
                int room = Math.max(2, 2 * size);
                outcome = Arrays.copyOf(outcome, room);
                weight = Arrays.copyOf(weight, room);
                cluster = Arrays.copyOf(cluster, room);
            }
            outcome[size] = outcomes.computeIfAbsent(List.copyOf(indices), fresh -> outcomes.size());
            weight[size] = itsWeight;
            cluster[size] = itsCluster;
            size++;
            return this;
        }

        private int item(String name) {
            Integer known = items.putIfAbsent(name, items.size());
            if (items.size() > MAX_ITEMS) {
                throw new DataFormatException("more than " + MAX_ITEMS + " different items are compared, such as \""
                        + name + "\"; so many cannot be ranked together");
            }
            return known == null ? items.size() - 1 : known;
        }

        /** How many comparisons there are. */
        public int size() {
            return size;
        }

        /** How many different outcomes there are. */
        int outcomes() {
            return outcomes.size();
        }

        /** The table. */
        public ComparisonTable build() {
            return new ComparisonTable(this);
        }
    }

    /** The items, in the order in which they first came. */
    public List<String> items() {
        return items;
    }

    /** How many comparisons there are. */
    public int size() {
        return outcome.length;
    }

    /** How many clusters they belong to. */
    public int clusters() {
        return clusters;
    }

    /** The different outcomes: items by level, best first. */
    List<List<List<Integer>>> outcomes() {
        return outcomes;
    }

    /** The sum of the weights of each outcome. */
    double[] weights() {
        double[] sums = new double[outcomes.size()];
        for (int i = 0; i < outcome.length; i++) {
            sums[outcome[i]] += weight[i];
        }
        return sums;
    }

    /** The weights of as many clusters as there are, drawn with replacement. */
    double[] resampled(SeededStream random) {
        int[] drawn = new int[clusters];
        for (int i = 0; i < clusters; i++) {
            drawn[random.nextInt(clusters)]++;
        }
        double[] sums = new double[outcomes.size()];
        for (int i = 0; i < outcome.length; i++) {
            sums[outcome[i]] += weight[i] * drawn[cluster[i]];
        }
        return sums;
    }

    /** In how many comparisons each item stands. */
    int[] appearances() {
        int[] counts = new int[items.size()];
        for (int index : outcome) {
            outcomes.get(index).forEach(level -> level.forEach(item -> counts[item]++));
        }
        return counts;
    }

    /** The weight of ties by how many items they are of. */
    public Map<Integer, Double> ties() {
        double[] sums = weights();
        Map<Integer, Double> ties = new TreeMap<>();
        for (int i = 0; i < sums.length; i++) {
            for (List<Integer> level : outcomes.get(i)) {
                if (level.size() > 1) {
                    ties.merge(level.size(), sums[i], Double::sum);
                }
            }
        }
        return ties;
    }
}
