package org.rlhf4j.core.optim;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/**
 * A loss, a gradient or what they are made from became NaN or infinite; thrown before the update, so the weights are those
 * of the last good one.
 */
public final class NonFiniteException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int ROWS_SHOWN = 8;

    private final Problem problem;

    /**
     * What is wrong.
     *
     * @param step the step that is not made, counted from 1
     * @param tensor {@code "loss"}, the name of the parameter with the bad gradient, or what is not finite
     * @param figure the same as the beginning of a sentence
     * @param rows the data rows that went into it
     * @param places what the data calls them, such as {@code pairs.jsonl:17}
     * @param kept what the weights are
     * @param leftOut steps in a row that were left out before it
     * @param advice what to do, a sentence
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Problem(
            long step,
            String tensor,
            String figure,
            int[] rows,
            List<String> places,
            String kept,
            long leftOut,
            String advice)
            implements Serializable {
        Problem in(long otherStep, List<String> otherPlaces, String otherKept) {
            return new Problem(otherStep, tensor, figure, rows, otherPlaces, otherKept, leftOut, advice);
        }

        Problem after(long steps) {
            return new Problem(step, tensor, figure, rows, places, kept, steps, advice);
        }

        Problem advising(String other) {
            return new Problem(step, tensor, figure, rows, places, kept, leftOut, other);
        }

        String what() {
            return figure + " not finite (" + shown() + ")";
        }

        private String shown() {
            List<String> first = places.subList(0, Math.min(ROWS_SHOWN, places.size()));
            int more = places.size() - first.size();
            return String.join(", ", first) + (more > 0 ? " and " + more + " more" : "");
        }

        String message() {
            String before = leftOut == 0
                    ? ""
                    : ", and the " + leftOut + " steps before it were left out (optimizer.maxBadSteps)";
            return String.format(Locale.ROOT, "step %d: %s%s; %s. %s", step, what(), before, kept, advice);
        }
    }

    private NonFiniteException(Problem problem) {
        super(problem.message());
        this.problem = problem;
    }

    /**
     * The problem of a step.
     *
     * @param step the update that is not made, counted from 1
     * @param tensor {@code "loss"}, or the name of the parameter with the bad gradient
     * @param rows the data rows that went into it
     */
    public NonFiniteException(long step, String tensor, int[] rows) {
        this(step, tensor, tensor.equals("loss") ? "the loss is" : "the gradient of " + tensor + " is", rows);
    }

    private NonFiniteException(long step, String tensor, String figure, int[] rows) {
        this(new Problem(
                step,
                tensor,
                figure,
                rows.clone(),
                names(rows, row -> "row " + row),
                "the weights are those of step " + (step - 1),
                0,
                "Look at these rows, or lower the learning rate"));
    }

    /**
     * Figures that a loss is made from.
     *
     * @param step the step that is not made, counted from 1
     * @param figures what is not finite, such as {@code log-probabilities of the policy}
     * @param rows the rows where it is not
     */
    public static NonFiniteException of(long step, String figures, int[] rows) {
        return new NonFiniteException(step, figures, "the " + figures + " are", rows);
    }

    /** The step that did not happen, counted from 1. */
    public long step() {
        return problem.step;
    }

    /** {@code "loss"}, the name of the parameter with the bad gradient, or what else is not finite. */
    public String tensor() {
        return problem.tensor;
    }

    /** The data rows that went into it. */
    public int[] rows() {
        return problem.rows.clone();
    }

    /** The same rows as the data calls them, such as {@code pairs.jsonl:17}. */
    public List<String> places() {
        return problem.places;
    }

    /** What is not finite, and where: the message without the step and without advice. */
    public String what() {
        return problem.what();
    }

    /**
     * The same problem in the words of whoever runs the steps.
     *
     * @param step the number of the step there
     * @param rowId what the data calls a row
     * @param kept what the weights are now, a sentence
     */
    public NonFiniteException in(long step, IntFunction<String> rowId, String kept) {
        return like(problem.in(step, names(problem.rows, rowId), kept));
    }

    /** The same problem with the number of the step in another count. */
    public NonFiniteException in(long step, String kept) {
        return like(problem.in(step, problem.places, kept));
    }

    /** {@link #in} a loop whose weights are those of the step before. */
    public NonFiniteException in(long step, IntFunction<String> rowId) {
        return in(step, rowId, "the weights are those of step " + (step - 1));
    }

    /** The same problem after so many steps in a row that were left out. */
    NonFiniteException after(long leftOut) {
        return like(problem.after(leftOut));
    }

    /** The same problem with other advice. */
    public NonFiniteException advising(String advice) {
        return like(problem.advising(advice));
    }

    private NonFiniteException like(Problem other) {
        NonFiniteException same = new NonFiniteException(other);
        same.setStackTrace(getStackTrace());
        return same;
    }

    private static List<String> names(int[] rows, IntFunction<String> rowId) {
        return Arrays.stream(rows).mapToObj(rowId).toList();
    }
}
