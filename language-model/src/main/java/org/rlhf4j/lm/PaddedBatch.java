package org.rlhf4j.lm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.rlhf4j.lm.text.EncodedExample;

/**
 * Sequences of different lengths as one matrix of ids {@code [B, T]}, T being the longest.
 *
 * <p>What is padding follows from the lengths alone, never from an id: padding may be any id, and any id may stand inside
 * a sequence.
 *
 * <p>In a {@linkplain #packed packed} batch a row holds several sequences one after the other, none of which sees another.
 */
public final class PaddedBatch {
    /** Where the padding stands. */
    public enum Side {
        /** Before the first token. */
        LEFT,
        /** After the last token. */
        RIGHT
    }

    private final long[] ids;
    private final boolean[] completionMask;
    private final int[] lengths;
    /** Where the first token of each sequence stands among all columns. */
    private final int[] places;

    private final int width;
    private final Side side;

    private PaddedBatch(List<EncodedExample> examples, Side side, int padId, int[] places, int rows) {
        this.side = side;
        this.width = longest(examples);
        this.lengths = examples.stream().mapToInt(EncodedExample::length).toArray();
        this.places = places;
        this.ids = new long[Math.multiplyExact(rows, width)];
        this.completionMask = new boolean[ids.length];
        Arrays.fill(ids, padId);
        for (int i = 0; i < places.length; i++) {
            examples.get(i).copyInto(ids, completionMask, places[i]);
        }
    }

    private static int longest(List<EncodedExample> examples) {
        return examples.stream()
                .mapToInt(EncodedExample::length)
                .max()
                .orElseThrow(() -> new IllegalArgumentException("a batch needs at least one example"));
    }

    /** Examples padded on the right. */
    public static PaddedBatch of(List<EncodedExample> examples) {
        return of(examples, Side.RIGHT, 0);
    }

    /**
     * Examples padded on one side.
     *
     * @param examples the rows, in order
     * @param side where the padding goes
     * @param padId the id that fills it; it must be a row of the embedding and has no influence on any result
     */
    public static PaddedBatch of(List<EncodedExample> examples, Side side, int padId) {
        int width = longest(examples);
        int[] places = new int[examples.size()];
        for (int row = 0; row < places.length; row++) {
            int padding = side == Side.LEFT ? width - examples.get(row).length() : 0;
            places[row] = Math.addExact(Math.multiplyExact(row, width), padding);
        }
        return new PaddedBatch(examples, side, padId, places, places.length);
    }

    /**
     * Examples in as few rows of the longest one's length as the rule "first fit, longest first" finds: little of the batch is
     * padding, whatever the lengths are. Positions begin anew with each example, and none sees another, so every figure is
     * that of {@link #of(List)}; only the order of {@link #completionTargets()} differs.
     *
     * @param examples in any order
     */
    public static PaddedBatch packed(List<EncodedExample> examples) {
        int width = longest(examples);
        Integer[] order = new Integer[examples.size()];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingInt(i -> -examples.get(i).length()));
        int[] places = new int[order.length];
        List<Integer> filled = new ArrayList<>();
        for (int example : order) {
            int length = examples.get(example).length();
            int row = 0;
            while (row < filled.size() && filled.get(row) + length > width) {
                row++;
            }
            if (row == filled.size()) {
                filled.add(0);
            }
            places[example] = Math.addExact(Math.multiplyExact(row, width), filled.get(row));
            filled.set(row, filled.get(row) + length);
        }
        return new PaddedBatch(examples, Side.RIGHT, 0, places, filled.size());
    }

    /**
     * The two sides of pairs in one batch, so that one forward pass serves both: first all chosen rows, then all rejected
     * rows. Row i and row {@code i + B/2} belong together.
     */
    public static PaddedBatch chosenThenRejected(List<EncodedExample> chosen, List<EncodedExample> rejected) {
        if (chosen.size() != rejected.size()) {
            throw new IllegalArgumentException(
                    chosen.size() + " chosen rows but " + rejected.size() + " rejected ones");
        }
        List<EncodedExample> both = new ArrayList<>(chosen);
        both.addAll(rejected);
        return of(both);
    }

    /** Number of rows, B. */
    public int rows() {
        return ids.length / width;
    }

    /** Number of sequences, B unless the batch is packed. */
    int sequences() {
        return lengths.length;
    }

    /** Where the first token of a sequence stands among all {@code B * T} columns. */
    int place(int sequence) {
        return places[sequence];
    }

    /** Whether rows hold several sequences; what is asked of a row below is then asked of a sequence. */
    public boolean isPacked() {
        return sequences() > rows();
    }

    /** Length of the longest row, T. */
    public int width() {
        return width;
    }

    /** Where the padding stands. */
    public Side side() {
        return side;
    }

    /** Number of tokens of a row, 1 to T. */
    public int length(int row) {
        return lengths[row];
    }

    /** Number of tokens of a row before the first that counts; all of them when none does. */
    public int promptLength(int row) {
        int from = row * width + start(row);
        int length = 0;
        while (length < lengths[row] && !completionMask[from + length]) {
            length++;
        }
        return length;
    }

    /** Column of a row's first token. */
    public int start(int row) {
        return places[row] % width;
    }

    /** Column of a row's last token. */
    public int last(int row) {
        return start(row) + lengths[row] - 1;
    }

    /** Tokens of all rows, without padding. */
    public long tokens() {
        long sum = 0;
        for (int length : lengths) {
            sum += length;
        }
        return sum;
    }

    /** Whether any row is shorter than the longest. */
    public boolean isPadded() {
        return tokens() < ids.length;
    }

    /** Whether some token does not stand in the column of its position. */
    boolean isShifted() {
        return isPacked() || (side == Side.LEFT && isPadded());
    }

    /** A copy of the ids in row-major order, {@code [B * T]}. */
    public long[] ids() {
        return ids.clone();
    }

    /** The position of every column's token in its row, counted from 0, in row-major order; 0 at padding. */
    public long[] positions() {
        long[] positions = new long[ids.length];
        for (int row = 0; row < lengths.length; row++) {
            for (int i = 0; i < lengths[row]; i++) {
                positions[places[row] + i] = i;
            }
        }
        return positions;
    }

    /**
     * For every column the column in which the sequence of its token begins, in row-major order: no token sees what stands
     * before it. Padding sees itself, or nothing where it stands on the left.
     */
    int[] beginnings() {
        int[] beginnings = new int[ids.length];
        Arrays.setAll(beginnings, i -> side == Side.LEFT ? width : i % width);
        for (int i = 0; i < lengths.length; i++) {
            Arrays.fill(beginnings, places[i], places[i] + lengths[i], start(i));
        }
        return beginnings;
    }

    /** Where each row's last token stands among all {@code B * T} columns, {@code [B]}. */
    public long[] lastIndices() {
        long[] indices = new long[lengths.length];
        for (int row = 0; row < indices.length; row++) {
            indices[row] = (long) places[row] + lengths[row] - 1;
        }
        return indices;
    }

    /** Number of tokens that count in a row, 0 to its length. */
    public int completionTokens(int row) {
        return completionTokens(places[row], places[row] + lengths[row]);
    }

    /** Number of tokens that count in all rows together, N. */
    public int completionTokens() {
        return completionTokens(0, ids.length);
    }

    private int completionTokens(int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += completionMask[i] ? 1 : 0;
        }
        return count;
    }

    /**
     * The ids of all tokens that count, row after row, {@code [N]}.
     *
     * @see #completionPredictors()
     */
    public int[] completionTargets() {
        int[] targets = new int[completionTokens()];
        int at = 0;
        for (int i = 0; i < ids.length; i++) {
            if (completionMask[i]) {
                targets[at++] = (int) ids[i];
            }
        }
        return targets;
    }

    /**
     * For each token that counts, where the token before it stands among all {@code B * T} columns: the hidden state there
     * predicts it. In the order of {@link #completionTargets()}, {@code [N]}.
     *
     * @throws IllegalArgumentException if the first token of a row counts, for nothing predicts it
     */
    public long[] completionPredictors() {
        for (int row = 0; row < lengths.length; row++) {
            if (completionMask[places[row]]) {
                throw new IllegalArgumentException(
                        "row " + row + " has no prompt, not even a BOS token: nothing predicts its first token");
            }
        }
        long[] predictors = new long[completionTokens()];
        int at = 0;
        for (int i = 0; i < ids.length; i++) {
            if (completionMask[i]) {
                predictors[at++] = i - 1L;
            }
        }
        return predictors;
    }
}
