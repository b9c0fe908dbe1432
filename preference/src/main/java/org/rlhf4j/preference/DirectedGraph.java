package org.rlhf4j.preference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Who is above whom: nodes 0, 1, ... with edges from the better to the worse. */
public final class DirectedGraph {
    private final List<List<Integer>> below = new ArrayList<>();

    /** A graph of so many nodes, without edges. */
    public DirectedGraph(int nodes) {
        for (int i = 0; i < nodes; i++) {
            below.add(new ArrayList<>(0));
        }
    }

    /** How many nodes there are. */
    public int size() {
        return below.size();
    }

    /** Adds an edge; the same one again changes nothing about reachability. */
    public void add(int better, int worse) {
        below.get(better).add(worse);
    }

    /** The nodes that edges from a node lead to. */
    public List<Integer> below(int node) {
        return List.copyOf(below.get(node));
    }

    /**
     * The strongly connected components by Tarjan (1972), "Depth-first search and linear graph algorithms", without
     * recursion: two nodes share one if each is reachable from the other.
     *
     * @return the component of each node, from 0; an edge never leads to a component of a higher number
     */
    public int[] components() {
        int[] component = new int[size()];
        Arrays.fill(component, -1);
        int[] index = new int[size()];
        int[] low = new int[size()];
        int[] next = new int[size()];
        int[] path = new int[size()];
        int[] open = new int[size()];
        int visited = 0;
        int opened = 0;
        int found = 0;
        for (int root = 0; root < size(); root++) {
            if (index[root] != 0) {
                continue;
            }
            int depth = 0;
            path[0] = root;
            while (depth >= 0) {
                int node = path[depth];
                if (index[node] == 0) {
                    index[node] = ++visited;
                    low[node] = visited;
                    open[opened++] = node;
                }
                List<Integer> edges = below.get(node);
                if (next[node] < edges.size()) {
                    int child = edges.get(next[node]++);
                    if (index[child] == 0) {
                        path[++depth] = child;
                    } else if (component[child] < 0) {
                        low[node] = Math.min(low[node], index[child]);
                    }
                    continue;
                }
                if (low[node] == index[node]) {
                    do {
                        component[open[--opened]] = found;
                    } while (open[opened] != node);
                    found++;
                }
                depth--;
                if (depth >= 0) {
                    low[path[depth]] = Math.min(low[path[depth]], low[node]);
                }
            }
        }
        return component;
    }

    /**
     * A cycle, as short as any through its first node.
     *
     * @return its nodes in the order of the edges, from the lowest node that lies on a cycle; empty when there is none
     */
    public List<Integer> cycle() {
        int[] component = components();
        int[] members = new int[size()];
        for (int number : component) {
            members[number]++;
        }
        for (int start = 0; start < size(); start++) {
            if (members[component[start]] > 1 || below.get(start).contains(start)) {
                return cycleThrough(start, component);
            }
        }
        return List.of();
    }

    /** Breadth first within the component of the start. */
    private List<Integer> cycleThrough(int start, int[] component) {
        int[] from = new int[size()];
        Arrays.fill(from, -1);
        List<Integer> queue = new ArrayList<>(List.of(start));
        for (int at = 0; at < queue.size(); at++) {
            int node = queue.get(at);
            for (int child : below.get(node)) {
                if (child == start) {
                    return pathTo(node, start, from);
                }
                if (component[child] == component[start] && from[child] < 0) {
                    from[child] = node;
                    queue.add(child);
                }
            }
        }
        throw new IllegalStateException("a strongly connected component without a cycle");
    }

    private static List<Integer> pathTo(int end, int start, int[] from) {
        List<Integer> path = new ArrayList<>();
        for (int node = end; node != start; node = from[node]) {
            path.add(0, node);
        }
        path.add(0, start);
        return path;
    }
}
