package org.rlhf4j.preference.clean;

import java.util.Arrays;

/** Which of the numbers 0, 1, ... belong together: union-find, 4 bytes a number. */
final class Clusters {
    private int[] parents = new int[1024];
    private int size;

    /** One more number, which belongs to no other. */
    void add() {
        if (size == parents.length) {
            parents = Arrays.copyOf(parents, Math.max(size + 1, (int) Math.min(2L * size, Integer.MAX_VALUE - 8)));
        }
        parents[size] = size;
        size++;
    }

    int size() {
        return size;
    }

    /** The least number of those that belong together with one. */
    int first(int number) {
        int at = number;
        while (parents[at] != at) {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }
        return at;
    }

    /** Puts together two numbers and all that belong to them. */
    void join(int a, int b) {
        int first = first(a);
        int second = first(b);
        parents[Math.max(first, second)] = Math.min(first, second);
    }
}
