package org.rlhf4j.preference.rank;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.DirectedGraph;

/**
 * Whether strengths exist. Ford (1957), "Solution of a ranking problem from binary comparisons": without ties they do if and
 * only if, however the items are cut in two, one of either part has beaten one of the other; the graph of wins is strongly
 * connected. A tie that is modelled joins its items both ways, if anything at all is won in a circle; otherwise ties and
 * strengths could grow together without end. With ties this is enough, but strengths can exist without it.
 */
final class Connection {
    private static final int SHOWN = 3;

    private Connection() {}

    /** Whether the choices of positive weight tie all items together. */
    static boolean isWhole(int items, List<Choice> choices, double[] weights) {
        return boundsTies(choices, weights)
                && Arrays.stream(components(items, choices, weights)).allMatch(number -> number == 0);
    }

    /**
     * Refuses what has no strengths.
     *
     * @throws DataFormatException without a place: which items hang loose, and how
     */
    static void require(List<String> items, List<Choice> choices, double[] weights) {
        int[] component = components(items.size(), choices, weights);
        Map<Integer, List<Integer>> groups = new LinkedHashMap<>();
        for (int i = 0; i < component.length; i++) {
            groups.computeIfAbsent(component[i], c -> new ArrayList<>()).add(i);
        }
        if (groups.size() == 1) {
            return;
        }
        boolean[] beats = new boolean[groups.size()];
        boolean[] loses = new boolean[groups.size()];
        for (int i = 0; i < weights.length; i++) {
            Choice choice = choices.get(i);
            for (int above : choice.alternatives().subList(0, choice.chosen())) {
                for (int below : choice.alternatives()
                        .subList(choice.chosen(), choice.alternatives().size())) {
                    if (component[above] != component[below]) {
                        beats[component[above]] = true;
                        loses[component[below]] = true;
                    }
                }
            }
        }
        List<String> reasons = new ArrayList<>();
        add(reasons, "never lost against the rest: ", names(items, groups, beats, true, loses, false));
        add(reasons, "never won against the rest: ", names(items, groups, beats, false, loses, true));
        add(reasons, "never compared with the rest: ", names(items, groups, beats, false, loses, false));
        add(reasons, "only in between: ", names(items, groups, beats, true, loses, true));
        boolean exact = Choice.tieSizes(choices, weights).isEmpty();
        throw new DataFormatException((exact
                        ? "the comparisons do not tie all items together, so strengths are not defined ("
                        : "the comparisons do not tie all items together, so strengths cannot be shown to exist (but for"
                                + " ties ")
                + String.join("; ", reasons)
                + "); compare more, leave these out, or give a prior (--prior 0.5)");
    }

    /** Whether something tells how rare ties are. */
    static boolean boundsTies(List<Choice> choices, double[] weights) {
        return endlessTies(choices, weights) == 0;
    }

    /** A size of ties that was chosen whenever it could be has no finite parameter; 0 where there is none. */
    private static int endlessTies(List<Choice> choices, double[] weights) {
        for (int size : Choice.tieSizes(choices, weights)) {
            boolean otherwise = false;
            for (int i = 0; i < weights.length && !otherwise; i++) {
                Choice choice = choices.get(i);
                otherwise = weights[i] > 0 && choice.alternatives().size() >= size && choice.chosen() != size;
            }
            if (!otherwise) {
                return size;
            }
        }
        return 0;
    }

    /**
     * Refuses ties that nothing else bounds, which a prior of strengths does not help.
     *
     * @throws DataFormatException without a place
     */
    static void requireTies(List<Choice> choices, double[] weights) {
        int size = endlessTies(choices, weights);
        if (size > 0) {
            throw new DataFormatException("every comparison of " + size + " or more is a tie of " + size
                    + ", so nothing tells how rare ties are; bradley-terry takes ties as half-wins");
        }
    }

    private static int[] components(int items, List<Choice> choices, double[] weights) {
        DirectedGraph graph = new DirectedGraph(items);
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                Choice choice = choices.get(i);
                int n = choice.alternatives().size();
                for (int above : choice.alternatives().subList(0, choice.chosen())) {
                    for (int below : choice.alternatives().subList(choice.chosen(), n)) {
                        graph.add(above, below);
                    }
                }
            }
        }
        int[] component = graph.components();
        if (Arrays.stream(component).distinct().count() == items) {
            return component;
        }
        for (int i = 0; i < weights.length; i++) {
            Choice choice = choices.get(i);
            for (int t = 1; weights[i] > 0 && t < choice.chosen(); t++) {
                graph.add(choice.alternatives().get(0), choice.alternatives().get(t));
                graph.add(choice.alternatives().get(t), choice.alternatives().get(0));
            }
        }
        return graph.components();
    }

    private static void add(List<String> reasons, String what, String names) {
        if (!names.isEmpty()) {
            reasons.add(what + names);
        }
    }

    private static String names(
            List<String> items,
            Map<Integer, List<Integer>> groups,
            boolean[] beats,
            boolean beating,
            boolean[] loses,
            boolean losing) {
        List<String> names = new ArrayList<>();
        groups.forEach((group, members) -> {
            if (beats[group] == beating && loses[group] == losing) {
                members.forEach(member -> names.add("\"" + items.get(member) + "\""));
            }
        });
        String shown = names.stream().limit(SHOWN).collect(Collectors.joining(", "));
        return names.size() > SHOWN ? shown + " and " + (names.size() - SHOWN) + " more" : shown;
    }
}
