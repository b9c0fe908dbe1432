package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.ppo.text.ScoreConfig.FailurePolicy;
import org.rlhf4j.ppo.text.ScoreConfig.Normalization;

/** How scores become rewards; what a failing source does is in RewardFailuresTest. */
class RewardsTest {
    private static final CompletionScorer LENGTH = (prompt, completion) -> completion.length();

    private static final CompletionScorer NUMBER = (prompt, completion) -> Double.parseDouble(completion);

    private static ScoreConfig normalize(Normalization how) {
        return new ScoreConfig(FailurePolicy.ERROR, null, 0, how, null, null);
    }

    private static Rewards numbers(ScoreConfig config) {
        return new Rewards(List.of(new RewardSource("number", NUMBER, 1)), config);
    }

    private static Scored score(Rewards rewards, String... completions) {
        boolean[] finished = new boolean[completions.length];
        Arrays.fill(finished, true);
        return rewards.score(prompts(completions.length), List.of(completions), finished, row -> "row " + row);
    }

    private static List<Content> prompts(int count) {
        return Collections.nCopies(count, Content.of("?"));
    }

    @Test
    void sourcesAreAddedUpByTheirWeights() {
        CompletionScorer vowels =
                (prompt, completion) -> completion.replaceAll("[^aeiou]", "").length();
        Rewards rewards = new Rewards(
                List.of(
                        new RewardSource("length", LENGTH, 0.5),
                        new RewardSource("vowels", vowels, -2),
                        new RewardSource("watched", LENGTH, 0)),
                ScoreConfig.DEFAULT);
        Scored scored = score(rewards, "abcd", "");
        assertThat(scored.raw().bySource()).isDeepEqualTo(new double[][] {{4, 0}, {1, 0}, {4, 0}});
        // 0.5 * 4 - 2 * 1 and nothing.
        assertThat(scored.raw().total()).containsExactly(0, 0);
        assertThat(score(rewards, "xyz").shaped()).containsExactly(1.5);
        assertThat(scored.raw().failedRows()).isZero();
        assertThat(scored.raw().failures())
                .hasSize(4)
                .allSatisfy((kind, count) -> assertThat(count).isZero());
    }

    /** Means and Bessel deviations by hand: of 1, 3 they are 2 and sqrt 2; of 1, 3, 5, 7 they are 4 and sqrt(20/3). */
    @Test
    void runningNormalisationCountsEveryScoreSoFar() {
        Rewards rewards = numbers(normalize(Normalization.RUNNING));
        assertThat(score(rewards, "1", "3").shaped()).containsExactly(new double[] {-0.70710678, 0.70710678}, near());
        assertThat(score(rewards, "5", "7").shaped()).containsExactly(new double[] {0.38729833, 1.16189500}, near());
        assertThat(rewards.statistics().count()).isEqualTo(4);
        assertThat(rewards.statistics().mean()).isEqualTo(4);
        assertThat(rewards.statistics().deviation()).isCloseTo(Math.sqrt(20.0 / 3), within(1e-12));
    }

    @Test
    void normalisationByTheFirstRolloutStaysAsItIs() {
        Rewards rewards = numbers(normalize(Normalization.FIRST));
        assertThat(score(rewards, "1", "3").shaped()).containsExactly(new double[] {-0.70710678, 0.70710678}, near());
        // (5 - 2) / sqrt 2 and (7 - 2) / sqrt 2.
        assertThat(score(rewards, "5", "7").shaped()).containsExactly(new double[] {2.12132034, 3.53553391}, near());
        assertThat(rewards.statistics()).isEqualTo(new ScoreStatistics(2, 2, 2));
    }

    @Test
    void equalScoresAreNormalisedToNothing() {
        assertThat(score(numbers(normalize(Normalization.RUNNING)), "0.1", "0.1", "0.1")
                        .shaped())
                .containsExactly(0, 0, 0);
        Rewards first = numbers(normalize(Normalization.FIRST));
        assertThatThrownBy(() -> score(first, "0.1", "0.1"))
                .isInstanceOf(RewardException.class)
                .hasMessage("normalize first divides by the deviation of the first rollout's scores, but all 2 are 0.1:"
                        + " use none or running");
    }

    /** 10 and -10 are cut to 4 and -4; what was cut off has 1.5 less afterwards, so it may lie beyond the clip. */
    @Test
    void clippingComesBeforeThePenaltyOfAMissingEnd() {
        Rewards rewards = numbers(new ScoreConfig(FailurePolicy.ERROR, null, 0, Normalization.NONE, 4.0, 1.5));
        Scored scored = rewards.score(
                prompts(4),
                List.of("10", "-10", "3", "3"),
                new boolean[] {true, false, true, false},
                row -> "row " + row);
        assertThat(scored.raw().total()).containsExactly(10, -10, 3, 3);
        assertThat(scored.shaped()).containsExactly(4, -5.5, 3, 1.5);
    }

    @Test
    void clippingComesAfterNormalisation() {
        Rewards rewards = numbers(new ScoreConfig(FailurePolicy.ERROR, null, 0, Normalization.RUNNING, 0.5, null));
        assertThat(score(rewards, "100", "300").shaped()).containsExactly(-0.5, 0.5);
    }

    @Test
    void evaluationLeavesTheStatisticsAlone() {
        Rewards rewards = numbers(normalize(Normalization.RUNNING));
        score(rewards, "1", "3");
        ScoreStatistics before = rewards.statistics();
        RawScores raw = rewards.evaluate(prompts(2), List.of("50", "70"), row -> "row " + row);
        assertThat(raw.total()).containsExactly(50, 70);
        assertThat(rewards.statistics()).isEqualTo(before);
    }

    @Test
    void savedStatisticsGoOnAsIfNothingHadHappened() {
        Rewards whole = numbers(normalize(Normalization.RUNNING));
        score(whole, "1", "3");
        Rewards resumed = numbers(normalize(Normalization.RUNNING));
        resumed.restore(whole.statistics());
        assertThat(score(resumed, "5", "9").shaped())
                .containsExactly(score(whole, "5", "9").shaped());
    }

    @Test
    void conversationsAreRefusedBeforeTheWork() {
        List<Content> prompts = List.of(Content.of("a"), Content.of(List.of(new Message("user", "b"))));
        Rewards plain = numbers(ScoreConfig.DEFAULT);
        assertThatThrownBy(() -> plain.requireScores(prompts, row -> "prompts.jsonl:" + (row + 1)))
                .isInstanceOf(RewardException.class)
                .hasMessage("prompts.jsonl:2 is a conversation, but the reward number takes plain text alone");
        plain.requireScores(prompts.subList(0, 1), row -> "prompts.jsonl:" + (row + 1));
        Rewards able = new Rewards(List.of(new RewardSource("chat", new TurnCounter(), 1)), ScoreConfig.DEFAULT);
        able.requireScores(prompts, row -> "row " + row);
        assertThat(able.evaluate(prompts, List.of("x", "y"), row -> "row " + row)
                        .total())
                .containsExactly(0, 1);
    }

    /** The number of turns of a conversation. */
    private static final class TurnCounter implements CompletionScorer {
        @Override
        public double score(String prompt, String completion) {
            return 0;
        }

        @Override
        public boolean scoresConversations() {
            return true;
        }

        @Override
        public double[] scoreSamples(List<Content> prompts, List<String> completions) {
            return prompts.stream()
                    .mapToDouble(prompt -> prompt instanceof Content.Chat chat
                            ? chat.messages().size()
                            : 0)
                    .toArray();
        }
    }

    @Test
    void theTensorThreadIsRefused() {
        Rewards rewards = numbers(ScoreConfig.DEFAULT);
        assertThatThrownBy(() -> Torch.run(() -> score(rewards, "1")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("on the tensor thread");
    }

    @Test
    void settingsAreReadByName() {
        ScoreConfig read = ConfigReader.of(ScoreConfig.class)
                .overrides(List.of(
                        "onFailure=replace",
                        "failureScore=-1",
                        "timeoutSeconds=2.5",
                        "normalize=running",
                        "clip=5",
                        "missingEosPenalty=1"))
                .read();
        assertThat(read).isEqualTo(new ScoreConfig(FailurePolicy.REPLACE, -1.0, 2.5, Normalization.RUNNING, 5.0, 1.0));
    }

    @Test
    void whatHasNoMeaningIsRefused() {
        RewardSource number = new RewardSource("number", NUMBER, 1);
        assertThatThrownBy(() -> new Rewards(List.of(), ScoreConfig.DEFAULT))
                .hasMessage("number of rewards is 0, must be at least 1");
        assertThatThrownBy(() -> new Rewards(List.of(number, number), ScoreConfig.DEFAULT))
                .hasMessage("reward is number, and so is another: name each once");
        assertThatThrownBy(() -> new RewardSource(" ", NUMBER, 1)).hasMessageContaining("must name the reward");
        assertThatThrownBy(() -> new RewardSource("a", NUMBER, Double.NaN))
                .hasMessage("weight of a is NaN, must be finite");
        Rewards rewards = numbers(ScoreConfig.DEFAULT);
        assertThatThrownBy(() -> rewards.evaluate(prompts(1), List.of("1", "2"), row -> ""))
                .hasMessage("completions is 2, must be one a prompt, 1");
        assertThatThrownBy(() -> rewards.score(prompts(1), List.of("1"), new boolean[2], row -> ""))
                .hasMessage("finished is 2 values, must be one a completion, 1");
    }

    private static Offset<Double> near() {
        return within(1e-8);
    }
}
