package org.rlhf4j.lm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** Groups sequences of similar length, so that little of a batch is padding. */
public final class LengthBatches {
    private LengthBatches() {}

    /**
     * Batches of rows in order of falling length, none larger than a number of tokens, padding included, or of rows. The
     * longest come first, so a batch that does not fit in memory shows at once. A row that alone exceeds the tokens is a
     * batch of its own.
     *
     * @param lengths length of each row in tokens
     * @param maxTokens most tokens of a batch: its rows times its longest
     * @param maxRows most rows of a batch
     * @return indices into {@code lengths}, each exactly once
     */
    public static List<int[]> plan(int[] lengths, int maxTokens, int maxRows) {
        if (maxTokens < 1 || maxRows < 1) {
            throw new IllegalArgumentException("a batch of " + maxTokens + " tokens and " + maxRows + " rows is empty");
        }
        Integer[] order = new Integer[lengths.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingInt((Integer i) -> -lengths[i]));
        List<int[]> batches = new ArrayList<>();
        int from = 0;
        while (from < order.length) {
            int fitting = Math.max(1, maxTokens / Math.max(1, lengths[order[from]]));
            int to = Math.min(order.length, from + Math.min(fitting, maxRows));
            batches.add(Arrays.stream(order, from, to).mapToInt(i -> i).toArray());
            from = to;
        }
        return batches;
    }
}
