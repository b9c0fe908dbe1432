package org.rlhf4j.lm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rlhf4j.lm.text.EncodedExample;

/**
 * Sequences of different lengths as one matrix of ids {@code [B, T]}, T being the longest.
 *
 * <p>What is padding follows from the lengths alone, never from an id: padding may be any id, and any id may stand inside
 * a sequence.
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
    private final int width;
    private final Side side;

    private PaddedBatch(List<EncodedExample> examples, Side side, int padId) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("a batch needs at least one example");
        }
        this.side = side;
        this.width = examples.stream().mapToInt(EncodedExample::length).max().orElseThrow();
        this.lengths = examples.stream().mapToInt(EncodedExample::length).toArray();
        this.ids = new long[Math.multiplyExact(examples.size(), width)];
        this.completionMask = new boolean[ids.length];
        Arrays.fill(ids, padId);
        for (int row = 0; row < lengths.length; row++) {
            examples.get(row).copyInto(ids, completionMask, row * width + start(row));
        }
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
        return new PaddedBatch(examples, side, padId);
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
        return lengths.length;
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

    /** Column of a row's first token. */
    public int start(int row) {
        return side == Side.LEFT ? width - lengths[row] : 0;
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

    /** A copy of the ids in row-major order, {@code [B * T]}. */
    public long[] ids() {
        return ids.clone();
    }

    /** The position of every column's token in its row, counted from 0, in row-major order; 0 at padding. */
    public long[] positions() {
        long[] positions = new long[ids.length];
        for (int row = 0; row < lengths.length; row++) {
            for (int i = 0; i < lengths[row]; i++) {
                positions[row * width + start(row) + i] = i;
            }
        }
        return positions;
    }

    /** Where each row's last token stands among all {@code B * T} columns, {@code [B]}. */
    public long[] lastIndices() {
        long[] indices = new long[lengths.length];
        for (int row = 0; row < indices.length; row++) {
            indices[row] = (long) row * width + last(row);
        }
        return indices;
    }

    /** Number of tokens that count in a row, 0 to its length. */
    public int completionTokens(int row) {
        return completionTokens(row * width, (row + 1) * width);
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
            if (completionMask[row * width + start(row)]) {
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
