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
    private final int[] lengths;
    private final int[] promptLengths;
    private final int width;
    private final Side side;

    private PaddedBatch(List<EncodedExample> examples, Side side, int padId) {
        if (examples.isEmpty()) {
            throw new IllegalArgumentException("a batch needs at least one example");
        }
        this.side = side;
        this.width = examples.stream().mapToInt(EncodedExample::length).max().orElseThrow();
        this.lengths = examples.stream().mapToInt(EncodedExample::length).toArray();
        this.promptLengths =
                examples.stream().mapToInt(EncodedExample::promptLength).toArray();
        this.ids = new long[Math.multiplyExact(examples.size(), width)];
        Arrays.fill(ids, padId);
        for (int row = 0; row < lengths.length; row++) {
            examples.get(row).copyInto(ids, row * width + start(row));
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

    /** Number of tokens of a row's prompt, 0 to its length. */
    public int promptLength(int row) {
        return promptLengths[row];
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

    /** Number of completion tokens of all rows together, N. */
    public int completionTokens() {
        int count = 0;
        for (int row = 0; row < lengths.length; row++) {
            count += lengths[row] - promptLengths[row];
        }
        return count;
    }

    /**
     * The ids of all completion tokens, row after row, {@code [N]}.
     *
     * @see #completionPredictors()
     */
    public int[] completionTargets() {
        int[] targets = new int[completionTokens()];
        int at = 0;
        for (int row = 0; row < lengths.length; row++) {
            for (int i = promptLengths[row]; i < lengths[row]; i++) {
                targets[at++] = (int) ids[row * width + start(row) + i];
            }
        }
        return targets;
    }

    /**
     * For each completion token, where the token before it stands among all {@code B * T} columns: the hidden state there
     * predicts it. In the order of {@link #completionTargets()}, {@code [N]}.
     *
     * @throws IllegalArgumentException if a row has no prompt, for nothing predicts its first token
     */
    public long[] completionPredictors() {
        long[] predictors = new long[completionTokens()];
        int at = 0;
        for (int row = 0; row < lengths.length; row++) {
            if (promptLengths[row] == 0 && lengths[row] > 0) {
                throw new IllegalArgumentException(
                        "row " + row + " has no prompt, not even a BOS token: nothing predicts its first token");
            }
            for (int i = promptLengths[row]; i < lengths[row]; i++) {
                predictors[at++] = (long) row * width + start(row) + i - 1;
            }
        }
        return predictors;
    }
}
