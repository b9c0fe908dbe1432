package org.rlhf4j.ppo.text;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.ppo.text.ScoreConfig.FailurePolicy;
import org.rlhf4j.ppo.text.ScoreConfig.Normalization;

/**
 * What completions are worth: the scores of one or several sources, made into the rewards of a rollout.
 *
 * <p>In this order, for each row:
 *
 * <ol>
 *   <li>the weighted sum of the scores, {@code s = sum of weight_k score_k};
 *   <li>where a source failed, what {@link FailurePolicy} puts in its place;
 *   <li>{@code (s - mean) / deviation}, of all such sums so far or of the first rollout's; trlx divides by the same
 *       deviations, but leaves the mean in and clips before;
 *   <li>within {@code +-clip};
 *   <li>less {@code missingEosPenalty} where the completion was cut off, as TRL does.
 * </ol>
 *
 * <p>A source fails at a row by throwing, by NaN or an infinity, by more or fewer scores than rows, or by taking too long.
 * A call that fails for many rows is made again for each one, so that only the rows to blame fail. With a time limit the
 * scorer runs on a daemon thread, which is interrupted at the end of it; native work, a reward model's included, goes on
 * in the background until it is through.
 *
 * <p>For one thread at a time, which is not the tensor thread: reward models need that one.
 */
public final class Rewards implements Resumable {
    private static final int TEXT_SHOWN = 60;

    private final List<RewardSource> sources;
    private final ScoreConfig config;
    private ScoreStatistics statistics = ScoreStatistics.NONE;

    /**
     * Rewards that have seen no score yet.
     *
     * @param sources at least one, of different names
     * @param config what becomes of their scores
     * @throws IllegalArgumentException if there is no source, or two have one name
     */
    public Rewards(List<RewardSource> sources, ScoreConfig config) {
        this.sources = List.copyOf(sources);
        this.config = config;
        Require.atLeast("number of rewards", sources.size(), 1);
        Set<String> names = new HashSet<>();
        for (RewardSource source : sources) {
            Require.that(names.add(source.name()), "reward", source.name(), "and so is another: name each once");
        }
    }

    /** The sources, in the order of {@link RawScores#bySource}. */
    public List<RewardSource> sources() {
        return sources;
    }

    /** What becomes of scores. */
    public ScoreConfig config() {
        return config;
    }

    /** What scores are normalised by, to be saved. */
    public ScoreStatistics statistics() {
        return statistics;
    }

    /** Goes on from where a run was saved. */
    public void restore(ScoreStatistics saved) {
        statistics = saved;
    }

    @Override
    public void saveTo(StateWriter out) {
        out.put("count", statistics.count()).put("mean", statistics.mean()).put("squares", statistics.squares());
    }

    @Override
    public void restoreFrom(StateReader in) {
        restore(new ScoreStatistics(in.integer("count"), in.number("mean"), in.number("squares")));
    }

    /**
     * Refuses before the work prompts that a source cannot score.
     *
     * @param prompts what will be asked
     * @param rowName names a prompt for the user, such as {@code prompts.jsonl:12}
     * @throws RewardException naming the first conversation, if a source takes plain text alone
     */
    public void requireScores(List<Content> prompts, IntFunction<String> rowName) {
        for (RewardSource source : sources) {
            if (source.scorer().scoresConversations()) {
                continue;
            }
            for (int i = 0; i < prompts.size(); i++) {
                if (prompts.get(i) instanceof Content.Chat) {
                    throw new RewardException(
                            rowName.apply(i) + " is a conversation, but the reward " + source.name()
                                    + " takes plain text alone",
                            null);
                }
            }
        }
    }

    /**
     * The rewards of a rollout; moves the running statistics.
     *
     * @param prompts one a completion
     * @param completions what the policy wrote; may be blank
     * @param finished whether each ended by itself instead of being cut off, {@code [n]}
     * @param rowName names a row for the user
     * @return raw and shaped scores
     * @throws RewardException if a row has no score and must have one; names source, row and text
     * @throws IllegalStateException on the tensor thread
     */
    public Scored score(
            List<Content> prompts, List<String> completions, boolean[] finished, IntFunction<String> rowName) {
        Require.that(
                finished.length == completions.size(),
                "finished",
                finished.length + " values",
                "must be one a completion, " + completions.size());
        Asked asked = ask(prompts, completions, rowName);
        RawScores raw = asked.raw;
        requireEnough(asked);
        replace(raw.total(), raw.failed());
        observe(raw.total());
        double[] shaped = new double[finished.length];
        for (int row = 0; row < shaped.length; row++) {
            shaped[row] = shaped(raw.total()[row], finished[row]);
        }
        return new Scored(raw, shaped);
    }

    /**
     * The scores as they come, whatever is to become of failures: neither replaced nor shaped nor counted in the running
     * statistics.
     *
     * @param prompts one a completion
     * @param completions what a policy wrote; may be blank
     * @param rowName names a row for the user
     * @return raw scores; the sum of a row that failed is NaN
     * @throws IllegalStateException on the tensor thread
     */
    public RawScores evaluate(List<Content> prompts, List<String> completions, IntFunction<String> rowName) {
        return ask(prompts, completions, rowName).raw;
    }

    /** Raw scores, and what the rows without one suffer from. */
    private record Asked(
            RawScores raw, List<String> problems, @Nullable Throwable cause) {}

    private Asked ask(List<Content> prompts, List<String> completions, IntFunction<String> rowName) {
        if (Torch.onTensorThread()) {
            throw new IllegalStateException(
                    "rewards are asked for on the tensor thread, which reward models need: call them outside Torch.run");
        }
        List<Content> asked = List.copyOf(prompts);
        List<String> written = List.copyOf(completions);
        Require.that(
                asked.size() == written.size(), "completions", written.size(), "must be one a prompt, " + asked.size());
        int rows = written.size();
        double[] total = new double[rows];
        double[][] bySource = new double[sources.size()][];
        boolean[] failed = new boolean[rows];
        List<String> problems = new ArrayList<>();
        @Nullable Throwable[] cause = new Throwable[1];
        Map<FailureKind, Integer> failures = new EnumMap<>(FailureKind.class);
        for (FailureKind kind : FailureKind.values()) {
            failures.put(kind, 0);
        }
        for (int k = 0; k < bySource.length; k++) {
            RewardSource source = sources.get(k);
            // One that is only watched counts its failures and hurts nobody.
            boolean watched = source.weight() == 0;
            SourceCall.Answer answer = new SourceCall(source, config.timeoutSeconds()).ask(asked, written);
            answer.failures().forEach((row, failure) -> {
                failures.merge(failure.kind(), 1, Integer::sum);
                if (!watched) {
                    cause[0] = problems.isEmpty() ? failure.cause() : cause[0];
                    problems.add(describe(source, failure, rowName.apply(row), written.get(row)));
                    failed[row] = true;
                }
            });
            bySource[k] = answer.scores();
            for (int row = 0; !watched && row < rows; row++) {
                total[row] += source.weight() * bySource[k][row];
            }
        }
        requireFinite(total, failed, rowName);
        return new Asked(new RawScores(total, bySource, failed, failures), problems, cause[0]);
    }

    /** Ends the run where the policy for failures leaves nothing else. */
    private void requireEnough(Asked asked) {
        List<String> problems = asked.problems;
        if (config.onFailure() == FailurePolicy.ERROR && !problems.isEmpty()) {
            throw new RewardException(
                    problems.get(0) + "; onFailure worst, replace or drop goes on without its score", asked.cause);
        }
        int rows = asked.raw.total().length;
        if (rows > 0 && asked.raw.failedRows() == rows && config.onFailure() != FailurePolicy.REPLACE) {
            throw new RewardException(
                    "none of the " + rows + " completions of a rollout has a score, such as " + problems.get(0)
                            + "; only onFailure replace goes on without any",
                    null);
        }
    }

    private static String describe(RewardSource source, SourceCall.Failure failure, String row, String text) {
        return row + ": the reward " + source.name() + " " + failure.what() + ", the completion being \""
                + beginning(text) + "\"";
    }

    /** The first of a text, on one line. */
    private static String beginning(String text) {
        String line = text.strip().replaceAll("[\\s\\p{Cntrl}]+", " ");
        return line.codePointCount(0, line.length()) <= TEXT_SHOWN
                ? line
                : line.substring(0, line.offsetByCodePoints(0, TEXT_SHOWN)) + "...";
    }

    /** Finite scores may have a sum that is not. */
    private static void requireFinite(double[] total, boolean[] failed, IntFunction<String> rowName) {
        for (int row = 0; row < total.length; row++) {
            if (!failed[row] && !Double.isFinite(total[row])) {
                throw new RewardException(
                        rowName.apply(row) + ": the weighted sum of the rewards is " + total[row], null);
            }
        }
    }

    /** Puts what the policy says in the place of the sums of failed rows, which are NaN. */
    private void replace(double[] total, boolean[] failed) {
        @Nullable Double instead = config.failureScore();
        if (config.onFailure() == FailurePolicy.WORST) {
            instead = worst(total, failed);
        }
        if (instead != null) {
            for (int row = 0; row < total.length; row++) {
                total[row] = failed[row] ? instead : total[row];
            }
        }
    }

    /** The lowest valid sum. */
    private static double worst(double[] total, boolean[] failed) {
        double worst = Double.POSITIVE_INFINITY;
        for (int row = 0; row < total.length; row++) {
            worst = failed[row] ? worst : Math.min(worst, total[row]);
        }
        return worst;
    }

    /** Counts the sums that rows learn from, those of replaced failures among them. */
    private void observe(double[] total) {
        boolean moves = config.normalize() == Normalization.RUNNING
                || (config.normalize() == Normalization.FIRST && statistics.count() == 0);
        if (!moves) {
            return;
        }
        for (double score : total) {
            if (!Double.isNaN(score)) {
                statistics = statistics.with(score);
            }
        }
        if (config.normalize() == Normalization.FIRST && statistics.count() > 0 && statistics.deviation() == 0) {
            throw new RewardException(
                    "normalize first divides by the deviation of the first rollout's scores, but all "
                            + statistics.count() + " are " + statistics.mean() + ": use none or running",
                    null);
        }
    }

    private double shaped(double score, boolean finished) {
        double shaped = config.normalize() == Normalization.NONE ? score : statistics.normalized(score);
        if (config.clip() != null) {
            shaped = Math.max(-config.clip(), Math.min(config.clip(), shaped));
        }
        if (config.missingEosPenalty() != null && !finished) {
            shaped -= config.missingEosPenalty();
        }
        return shaped;
    }
}
