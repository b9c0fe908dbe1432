package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.PromptCompletion;
import org.rlhf4j.ppo.text.ScoreConfig.FailurePolicy;
import org.rlhf4j.ppo.text.ScoreConfig.Normalization;

/** One source for each way to fail; every one gives what the completion says where it does not. */
class RewardFailuresTest {
    private static final String BAD = "bad";

    /** Longer than any call below that is meant to be answered, so that a busy machine changes nothing. */
    private static final double LONG = 60;

    private static final double SHORT = 1;

    private static double value(String completion) {
        return completion.equals(BAD) ? Double.NaN : Double.parseDouble(completion);
    }

    private static final CompletionScorer NOT_FINITE = (prompt, completion) -> value(completion);

    private static final CompletionScorer THROWING = (prompt, completion) -> {
        if (completion.equals(BAD)) {
            throw new IllegalArgumentException("no idea");
        }
        return value(completion);
    };

    /** Leaves out what it does not like. */
    private static final CompletionScorer FORGETFUL = whole(rows -> rows.stream()
            .filter(row -> !row.completion().equals(BAD))
            .mapToDouble(row -> value(row.completion()))
            .toArray());

    /** Throws what no handler of exceptions sees. */
    private static final CompletionScorer OVERFLOWING = (prompt, completion) -> {
        if (completion.equals(BAD)) {
            throw new StackOverflowError();
        }
        return value(completion);
    };

    private interface Batch {
        double @Nullable [] scores(List<PromptCompletion> rows);
    }

    private static CompletionScorer whole(Batch batch) {
        return new CompletionScorer() {
            @Override
            public double score(String prompt, String completion) {
                throw new AssertionError("rows are asked for together");
            }

            @Override
            @SuppressWarnings("NullAway") // A scorer of somebody's who checks no nulls.
            public double[] scoreAll(List<PromptCompletion> rows) {
                return batch.scores(rows);
            }
        };
    }

    private static ScoreConfig policy(FailurePolicy policy, @Nullable Double failureScore, double timeoutSeconds) {
        return new ScoreConfig(policy, failureScore, timeoutSeconds, Normalization.NONE, null, null);
    }

    private static Scored score(CompletionScorer scorer, ScoreConfig config, String... completions) {
        Rewards rewards = new Rewards(List.of(new RewardSource("mine", scorer, 1)), config);
        return rewards.score(
                Collections.nCopies(completions.length, Content.of("?")),
                List.of(completions),
                new boolean[completions.length],
                row -> "prompts.jsonl:" + (row + 1));
    }

    private static final ScoreConfig DROP = policy(FailurePolicy.DROP, null, 0);

    private static void failsAlone(CompletionScorer scorer, FailureKind kind, ScoreConfig config) {
        Scored scored = score(scorer, config, "3", BAD, "5");
        assertThat(scored.raw().failed()).containsExactly(false, true, false);
        assertThat(scored.raw().failures().get(kind)).as("%s", kind).isEqualTo(1);
        assertThat(scored.raw().failures().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .isEqualTo(1);
        assertThat(scored.raw().failedRows()).isEqualTo(1);
        assertThat(scored.raw().bySource()[0]).containsExactly(3, Double.NaN, 5);
        assertThat(scored.shaped()).containsExactly(3, Double.NaN, 5);
    }

    @Test
    void onlyTheRowToBlameFails() {
        failsAlone(NOT_FINITE, FailureKind.NOT_FINITE, DROP);
        failsAlone(THROWING, FailureKind.EXCEPTION, DROP);
        failsAlone(FORGETFUL, FailureKind.WRONG_LENGTH, DROP);
        failsAlone(OVERFLOWING, FailureKind.EXCEPTION, DROP);
        // On a thread of its own as well.
        failsAlone(THROWING, FailureKind.EXCEPTION, policy(FailurePolicy.DROP, null, LONG));
    }

    @Test
    void aCallThatFailsOnlyAsAWholeCostsNoRow() {
        CompletionScorer single = whole(rows -> {
            if (rows.size() > 1) {
                throw new UnsupportedOperationException("one at a time");
            }
            return new double[] {value(rows.get(0).completion())};
        });
        Scored scored = score(single, ScoreConfig.DEFAULT, "3", "5");
        assertThat(scored.shaped()).containsExactly(3, 5);
        assertThat(scored.raw().failedRows()).isZero();
    }

    @Test
    void theErrorNamesSourceRowAndText() {
        assertThatThrownBy(() -> score(NOT_FINITE, ScoreConfig.DEFAULT, "3", BAD))
                .isInstanceOf(RewardException.class)
                .hasMessage("prompts.jsonl:2: the reward mine gave the score NaN, the completion being \"bad\";"
                        + " onFailure worst, replace or drop goes on without its score");
        assertThatThrownBy(() -> score(THROWING, ScoreConfig.DEFAULT, "3", BAD))
                .hasMessageStartingWith("prompts.jsonl:2: the reward mine threw"
                        + " java.lang.IllegalArgumentException: no idea, the completion being \"bad\"")
                .hasCauseInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> score(FORGETFUL, ScoreConfig.DEFAULT, BAD, "3"))
                .hasMessageStartingWith("prompts.jsonl:1: the reward mine gave 0 scores for 1 completions");
        assertThatThrownBy(() -> score(whole(rows -> null), ScoreConfig.DEFAULT, "1"))
                .hasMessageStartingWith("prompts.jsonl:1: the reward mine gave 0 scores for 1 completions");
        CompletionScorer tooMany = whole(rows -> new double[rows.size() + 1]);
        assertThatThrownBy(() -> score(tooMany, ScoreConfig.DEFAULT, "1", "2"))
                .hasMessageStartingWith("prompts.jsonl:1: the reward mine gave 2 scores for 1 completions");
        CompletionScorer data = (prompt, completion) -> {
            throw new DataFormatException("row 1", 0, "too long");
        };
        assertThatThrownBy(() -> score(data, ScoreConfig.DEFAULT, "1"))
                .hasMessageStartingWith("prompts.jsonl:1: the reward mine cannot score it: too long, the");
    }

    @Test
    void longTextsAreCutAndStayOnOneLine() {
        String text = " two\n\tlines " + "😀".repeat(70);
        CompletionScorer none = (prompt, completion) -> Double.POSITIVE_INFINITY;
        assertThatThrownBy(() -> score(none, ScoreConfig.DEFAULT, text))
                .hasMessageContaining("gave the score Infinity")
                .hasMessageContaining("\"two lines " + "😀".repeat(50) + "...\"");
    }

    /** Weights 1 and -1: the lowest valid sum is 3 - 4 = -1, not the lowest score of a source. */
    @Test
    void theWorstIsTheLowestSumOfTheRolloutWhateverTheWeights() {
        CompletionScorer length = (prompt, completion) -> completion.length();
        Rewards rewards = new Rewards(
                List.of(new RewardSource("mine", NOT_FINITE, 1), new RewardSource("length", length, -1)),
                policy(FailurePolicy.WORST, null, 0));
        RawScores raw = rewards.score(
                        Collections.nCopies(3, Content.of("?")),
                        List.of("5", BAD, "3.00"),
                        new boolean[3],
                        row -> "row " + row)
                .raw();
        assertThat(raw.total()).containsExactly(4, -1, -1);
        assertThat(raw.failed()).containsExactly(false, true, false);
        assertThat(raw.bySource()[1]).containsExactly(1, 3, 4);
    }

    @Test
    void withoutAnyValidScoreOnlyAReplacementGoesOn() {
        for (FailurePolicy policy : List.of(FailurePolicy.WORST, FailurePolicy.DROP)) {
            assertThatThrownBy(() -> score(NOT_FINITE, policy(policy, null, 0), BAD, BAD))
                    .isInstanceOf(RewardException.class)
                    .hasMessage(
                            "none of the 2 completions of a rollout has a score, such as prompts.jsonl:1: the reward"
                                    + " mine gave the score NaN, the completion being \"bad\"; only onFailure replace goes on"
                                    + " without any");
        }
        assertThat(score(NOT_FINITE, policy(FailurePolicy.REPLACE, -1.0, 0), BAD, BAD)
                        .shaped())
                .containsExactly(-1, -1);
        assertThat(score(NOT_FINITE, policy(FailurePolicy.DROP, null, 0)).shaped())
                .isEmpty();
    }

    @Test
    void aReplacedScoreCountsLikeAnyOther() {
        assertThat(score(NOT_FINITE, policy(FailurePolicy.REPLACE, -7.0, 0), "3", BAD)
                        .shaped())
                .containsExactly(3, -7);
        Rewards running = new Rewards(
                List.of(new RewardSource("mine", NOT_FINITE, 1)),
                new ScoreConfig(FailurePolicy.REPLACE, -1.0, 0, Normalization.RUNNING, null, null));
        running.score(Collections.nCopies(2, Content.of("?")), List.of("3", BAD), new boolean[2], row -> "row " + row);
        assertThat(running.statistics()).isEqualTo(new ScoreStatistics(2, 1, 8));
    }

    @Test
    void aDroppedRowIsInNoStatistics() {
        Rewards running = new Rewards(
                List.of(new RewardSource("mine", NOT_FINITE, 1)),
                new ScoreConfig(FailurePolicy.DROP, null, 0, Normalization.RUNNING, 9.0, 1.0));
        Scored scored = running.score(
                Collections.nCopies(3, Content.of("?")), List.of("3", BAD, "5"), new boolean[3], row -> "row " + row);
        assertThat(running.statistics()).isEqualTo(new ScoreStatistics(2, 4, 2));
        assertThat(scored.shaped()[1]).isNaN();
    }

    @Test
    void sumsBeyondDoublesAreRefused() {
        Rewards rewards = new Rewards(List.of(new RewardSource("mine", NOT_FINITE, 1e200)), DROP);
        assertThatThrownBy(() -> rewards.evaluate(List.of(Content.of("?")), List.of("1e200"), row -> "row " + row))
                .isInstanceOf(RewardException.class)
                .hasMessage("row 0: the weighted sum of the rewards is Infinity");
    }

    /** Waits for ever: the time-out cannot come too early, only after {@link #SHORT}. */
    @Test
    void whatTakesTooLongFailsForAllRowsOfTheCallAndIsInterrupted() throws InterruptedException {
        CountDownLatch interrupted = new CountDownLatch(1);
        List<Thread> workers = new CopyOnWriteArrayList<>();
        CompletionScorer endless = (prompt, completion) -> {
            workers.add(Thread.currentThread());
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw new IllegalStateException(e);
            }
            return 0;
        };
        Scored scored = score(endless, policy(FailurePolicy.REPLACE, 0.0, SHORT), "1", "2");
        assertThat(scored.raw().failed()).containsExactly(true, true);
        assertThat(scored.raw().failures()).containsEntry(FailureKind.TIMEOUT, 2);
        assertThat(interrupted.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(workers).hasSize(1).allMatch(Thread::isDaemon);
        assertThatThrownBy(() -> score(endless, policy(FailurePolicy.ERROR, null, SHORT), "1"))
                .hasMessageStartingWith("prompts.jsonl:1: the reward mine took more than 1.0 seconds");
    }

    /** The single calls after a failed one have the time of one call together, not each. */
    @Test
    void rowsAskedForApartShareOneTimeLimit() {
        List<String> asked = Collections.synchronizedList(new ArrayList<>());
        CompletionScorer stuck = whole(rows -> {
            if (rows.size() > 1) {
                throw new IllegalStateException("too many");
            }
            asked.add(rows.get(0).completion());
            if (rows.get(0).completion().equals(BAD)) {
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            return new double[] {1};
        });
        Scored scored = score(stuck, policy(FailurePolicy.REPLACE, 0.0, SHORT), BAD, "1", "2");
        assertThat(scored.raw().failures()).containsEntry(FailureKind.TIMEOUT, 3);
        assertThat(asked).containsExactly(BAD);
    }

    /** The scorer answers only when it is interrupted itself: nobody can have its scores before the wait begins. */
    @Test
    void whoeverWaitsCanBeInterrupted() {
        CompletionScorer endless = (prompt, completion) -> {
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return 0;
        };
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> score(endless, policy(FailurePolicy.DROP, null, LONG), "1"))
                .isInstanceOf(RewardException.class)
                .hasMessage("interrupted while waiting for the scores of mine");
        assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
    }

    @Test
    void aScorerMayKeepItsArray() {
        double[] own = {1, 2};
        RawScores raw = score(whole(rows -> own), DROP, "a", "b").raw();
        own[0] = 99;
        assertThat(raw.bySource()[0]).containsExactly(1, 2);
    }

    @Test
    void settingsWithoutMeaningAreRefused() {
        assertThatThrownBy(() -> policy(FailurePolicy.REPLACE, null, 0))
                .hasMessage("failureScore is null, goes with onFailure replace, and only with it");
        assertThatThrownBy(() -> policy(FailurePolicy.DROP, 1.0, 0)).hasMessageContaining("failureScore is 1.0");
        assertThatThrownBy(() -> policy(FailurePolicy.REPLACE, Double.NaN, 0)).hasMessageContaining("must be finite");
        assertThatThrownBy(() -> policy(FailurePolicy.DROP, null, -1)).hasMessageContaining("timeoutSeconds is -1.0");
        assertThatThrownBy(() -> new ScoreConfig(FailurePolicy.ERROR, null, 0, Normalization.NONE, 0.0, null))
                .hasMessageContaining("clip is 0.0");
        assertThatThrownBy(() -> new ScoreConfig(FailurePolicy.ERROR, null, 0, Normalization.NONE, null, -1.0))
                .hasMessageContaining("missingEosPenalty is -1.0");
    }
}
