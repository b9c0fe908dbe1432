package org.rlhf4j.benchmarks;

import java.util.stream.IntStream;

/** The token ids of a race, the same as in {@code peers/contest.py}. */
final class Ids {
    private Ids() {}

    /** The ids of one row, spread over the vocabulary. */
    static int[] row(int row, int tokens, int vocabulary) {
        return IntStream.range(0, tokens)
                .map(column -> (int) ((1_000_003L * row + 7_919L * column) % vocabulary))
                .toArray();
    }
}
