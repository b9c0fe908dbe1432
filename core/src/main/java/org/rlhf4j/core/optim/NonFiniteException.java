package org.rlhf4j.core.optim;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.Collectors;

/**
 * A loss or a gradient became NaN or infinite; thrown before the update, so the weights are those of the last good step.
 */
public final class NonFiniteException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int ROWS_SHOWN = 8;

    private final long step;
    private final String tensor;
    private final int[] rows;

    /**
     * The problem of a step.
     *
     * @param step the update that is not made, counted from 1
     * @param tensor {@code "loss"}, or the name of the parameter with the bad gradient
     * @param rows the data rows that went into it
     */
    public NonFiniteException(long step, String tensor, int[] rows) {
        this(step, tensor, rows, row -> "row " + row);
    }

    private NonFiniteException(long step, String tensor, int[] rows, IntFunction<String> rowId) {
        super(String.format(
                Locale.ROOT,
                "step %d: %s is not finite (%s); the weights are those of step %d. Look at these rows, or lower the"
                        + " learning rate",
                step,
                tensor.equals("loss") ? "the loss" : "the gradient of " + tensor,
                describe(rows, rowId),
                step - 1));
        this.step = step;
        this.tensor = tensor;
        this.rows = rows.clone();
    }

    /** The update that did not happen, counted from 1. */
    public long step() {
        return step;
    }

    /** {@code "loss"}, or the name of the parameter with the bad gradient. */
    public String tensor() {
        return tensor;
    }

    /** The data rows that went into it. */
    public int[] rows() {
        return rows.clone();
    }

    /** The same problem, its rows called what the data calls them, such as {@code pairs.jsonl:17}. */
    public NonFiniteException named(IntFunction<String> rowId) {
        NonFiniteException named = new NonFiniteException(step, tensor, rows, rowId);
        named.setStackTrace(getStackTrace());
        return named;
    }

    private static String describe(int[] rows, IntFunction<String> rowId) {
        String shown = Arrays.stream(rows).limit(ROWS_SHOWN).mapToObj(rowId).collect(Collectors.joining(", "));
        return rows.length > ROWS_SHOWN ? shown + " and " + (rows.length - ROWS_SHOWN) + " more" : shown;
    }
}
