package org.rlhf4j.ppo.text;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;

/**
 * One source asked for the scores of some rows. All rows are one call; where that gives no scores, each row is one, so
 * that only those fail that are to blame. Out of time all rows of the call fail; the single calls together have the time
 * of one.
 */
final class SourceCall {
    private static final String THREAD_NAME = "rlhf4j-reward";

    private final RewardSource source;
    private final double timeoutSeconds;

    SourceCall(RewardSource source, double timeoutSeconds) {
        this.source = source;
        this.timeoutSeconds = timeoutSeconds;
    }

    /**
     * Why a row has no score.
     *
     * @param what continues "the reward"
     * @param cause what it threw, or null
     */
    record Failure(FailureKind kind, String what, @Nullable Throwable cause) {}

    /**
     * What a source gave.
     *
     * @param scores of every row, NaN where it failed
     * @param failures by row
     */
    @SuppressWarnings("ArrayRecordComponent") // Handed over and read once.
    record Answer(double[] scores, SortedMap<Integer, Failure> failures) {}

    /** What one call came to: scores, or a failure of all its rows. */
    @SuppressWarnings("ArrayRecordComponent") // Handed over and read once.
    private record Attempt(double[] scores, @Nullable Failure failure) {
        static Attempt failed(FailureKind kind, String what, @Nullable Throwable cause) {
            return new Attempt(new double[0], new Failure(kind, what, cause));
        }
    }

    Answer ask(List<Content> prompts, List<String> completions) {
        int rows = completions.size();
        double[] scores = new double[rows];
        Arrays.fill(scores, Double.NaN);
        SortedMap<Integer, Failure> failures = new TreeMap<>();
        Attempt whole = attempt(prompts, completions, timeoutSeconds);
        boolean apart = whole.failure != null && whole.failure.kind != FailureKind.TIMEOUT && rows > 1;
        long begin = System.nanoTime();
        for (int row = 0; row < rows; row++) {
            Attempt attempt = whole;
            int at = row;
            if (apart) {
                double left = timeoutSeconds - (System.nanoTime() - begin) / 1e9;
                attempt = attempt(List.of(prompts.get(row)), List.of(completions.get(row)), left);
                at = 0;
            }
            Failure failure = attempt.failure == null ? notFinite(attempt.scores[at]) : attempt.failure;
            if (failure == null) {
                scores[row] = attempt.scores[at];
            } else {
                failures.put(row, failure);
            }
        }
        return new Answer(scores, failures);
    }

    private static @Nullable Failure notFinite(double score) {
        return Double.isFinite(score) ? null : new Failure(FailureKind.NOT_FINITE, "gave the score " + score, null);
    }

    private Attempt attempt(List<Content> prompts, List<String> completions, double seconds) {
        if (timeoutSeconds == 0) {
            return call(prompts, completions);
        }
        if (seconds <= 0) {
            return outOfTime();
        }
        FutureTask<Attempt> task = new FutureTask<>(() -> call(prompts, completions));
        Thread thread = new Thread(task, THREAD_NAME);
        // One that cannot be interrupted must not keep the process alive.
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get((long) (seconds * 1e9), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            return outOfTime();
        } catch (InterruptedException e) {
            task.cancel(true);
            Thread.currentThread().interrupt();
            throw new RewardException("interrupted while waiting for the scores of " + source.name(), e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the scores of " + source.name() + " cannot be had", e.getCause());
        }
    }

    private Attempt outOfTime() {
        return Attempt.failed(
                FailureKind.TIMEOUT, String.format(Locale.ROOT, "took more than %s seconds", timeoutSeconds), null);
    }

    /** Whatever a scorer throws is its own failure, but for errors of the machine, such as the end of memory. */
    private Attempt call(List<Content> prompts, List<String> completions) {
        double[] scores;
        try {
            scores = source.scorer().scoreSamples(prompts, completions);
        } catch (Exception | StackOverflowError | LinkageError | AssertionError e) {
            String what = e instanceof DataFormatException data ? "cannot score it: " + data.reason() : "threw " + e;
            return Attempt.failed(FailureKind.EXCEPTION, what, e);
        }
        // What others wrote knows nothing of our null checks, and may keep the array.
        int count = scores == null ? 0 : scores.length;
        return scores == null || count != completions.size()
                ? Attempt.failed(
                        FailureKind.WRONG_LENGTH,
                        "gave " + count + " scores for " + completions.size() + " completions",
                        null)
                : new Attempt(scores.clone(), null);
    }
}
