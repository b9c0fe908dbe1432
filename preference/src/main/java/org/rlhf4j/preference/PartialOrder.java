package org.rlhf4j.preference;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;

/**
 * Completions of one prompt of which some are preferred to others: a partial order, given by preferences that imply the
 * rest by transitivity. Two completions that no chain of preferences joins are not compared, which is not a tie.
 *
 * @param prompt what was asked; text or messages, and the completions alike
 * @param completions at least two different completions
 * @param preferences which are preferred to which, at least one, without a cycle
 * @param origin its name and where it comes from
 */
public record PartialOrder(Content prompt, List<Completion> completions, List<Preference> preferences, Origin origin)
        implements Row {
    /**
     * A completion of a partial order.
     *
     * @param text the completion
     * @param model who wrote it, or null
     */
    public record Completion(Content text, @Nullable String model) {
        /**
         * Checks the text.
         *
         * @throws IllegalArgumentException if it is blank
         */
        public Completion {
            RowRules.completion("text", text).require();
        }
    }

    /**
     * One completion preferred to another.
     *
     * @param better the index of the preferred one, from 0
     * @param worse the index of the other one
     */
    public record Preference(int better, int worse) {}

    /**
     * Checks the row.
     *
     * @throws IllegalArgumentException if there are fewer than two or more than {@link Ranking#MAX_COMPLETIONS}
     *     completions, a text is blank or listed twice, text and messages are mixed, there is no preference, one is
     *     repeated or names a completion that is not there, or preferences form a cycle
     */
    public PartialOrder {
        completions = List.copyOf(completions);
        preferences = List.copyOf(preferences);
        RowRules.partialOrder(prompt, completions, preferences).require();
    }

    /**
     * Every preference that follows by transitivity: ordered by {@link Implied#distance()}, then from the best completions down, then in the order of the data.
     *
     * @return at least the preferences that were given
     */
    public List<Implied> closure() {
        int k = completions.size();
        DirectedGraph graph = graph();
        int[] depth = depths(graph);
        int[] order = bestFirst(depth);
        List<Implied> implied = new ArrayList<>();
        for (int better = 0; better < k; better++) {
            int[] longest = new int[k];
            for (int node : order) {
                if (node == better || longest[node] > 0) {
                    for (int child : graph.below(node)) {
                        longest[child] = Math.max(longest[child], longest[node] + 1);
                    }
                }
            }
            for (int worse = 0; worse < k; worse++) {
                if (longest[worse] > 0) {
                    implied.add(new Implied(better, worse, longest[worse]));
                }
            }
        }
        implied.sort(Comparator.comparingInt(Implied::distance)
                .thenComparingInt(pair -> depth[pair.better()])
                .thenComparingInt(Implied::better)
                .thenComparingInt(Implied::worse));
        return implied;
    }

    /**
     * A preference that follows.
     *
     * @param better the index of the preferred completion
     * @param worse the index of the other one
     * @param distance how many preferences the longest chain from the one to the other has; 1 where nothing stands
     *     between them, a covering relation
     */
    public record Implied(int better, int worse, int distance) {}

    /** The indices of the completions to which none is preferred. */
    public BitSet maximal() {
        BitSet maximal = new BitSet();
        maximal.set(0, completions.size());
        preferences.forEach(preference -> maximal.clear(preference.worse()));
        return maximal;
    }

    /** The indices of the completions that are preferred to none. */
    public BitSet minimal() {
        BitSet minimal = new BitSet();
        minimal.set(0, completions.size());
        preferences.forEach(preference -> minimal.clear(preference.better()));
        return minimal;
    }

    /** The indices of the completions in an order that agrees with every preference and begins with the maximal ones. */
    public int[] bestFirst() {
        return bestFirst(depths(graph()));
    }

    private static int[] bestFirst(int[] depth) {
        return sorted(depth.length, Comparator.comparingInt(i -> depth[i]));
    }

    /** How many preferences the longest chain down to each completion has. */
    private static int[] depths(DirectedGraph graph) {
        // Without a cycle every completion is a component of its own, and those below have the lower numbers.
        int[] component = graph.components();
        int[] depth = new int[graph.size()];
        for (int node : sorted(graph.size(), Comparator.comparingInt(i -> -component[i]))) {
            for (int child : graph.below(node)) {
                depth[child] = Math.max(depth[child], depth[node] + 1);
            }
        }
        return depth;
    }

    private static int[] sorted(int size, Comparator<Integer> order) {
        return IntStream.range(0, size)
                .boxed()
                .sorted(order)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    private DirectedGraph graph() {
        DirectedGraph graph = new DirectedGraph(completions.size());
        preferences.forEach(preference -> graph.add(preference.better(), preference.worse()));
        return graph;
    }

    @Override
    public Kind kind() {
        return Kind.PARTIAL_ORDER;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.set("prompt", prompt.toJson());
        ArrayNode list = row.putArray("completions");
        for (Completion completion : completions) {
            ObjectNode item = list.addObject();
            item.set("text", completion.text().toJson());
            if (completion.model() != null) {
                item.put("model", completion.model());
            }
        }
        ArrayNode pairs = row.putArray("preferences");
        for (Preference preference : preferences) {
            pairs.addArray().add(preference.better()).add(preference.worse());
        }
        origin.putInto(row);
        return row;
    }
}
