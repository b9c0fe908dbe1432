package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.generate.FinishReason;
import org.rlhf4j.lm.text.ChatFormat;
import org.rlhf4j.lm.text.EncodingPolicy;
import org.rlhf4j.ppo.KlEstimator;
import org.rlhf4j.ppo.text.ScoreConfig.FailurePolicy;
import org.rlhf4j.ppo.text.ScoreConfig.Normalization;
import org.rlhf4j.testing.Leaks;

class PpoTextTrainerTest {
    @TempDir
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private TextRuns run;

    @BeforeEach
    void settings() {
        run = new TextRuns(folder);
    }

    private static void assertDiffer(Map<String, float[]> actual, Map<String, float[]> other) {
        assertThat(actual).anySatisfy((name, values) -> assertThat(values).isNotEqualTo(other.get(name)));
    }

    @Test
    void theSameSeedGivesTheSameMetricsAndWeightsToTheByte() {
        TextRuns.Trained one = run.train();
        TextRuns.Trained same = run.train();
        assertThat(same.metrics()).isEqualTo(one.metrics()).hasSize(3);
        TextRuns.assertSameBytes(same.end(), one.end());
        TextRuns.assertSameBytes(same.critic().get(2), one.critic().get(2));
        assertDiffer(one.end(), one.start());
        run.seed = 6;
        TextRuns.Trained other = run.train();
        assertDiffer(other.end(), one.end());
        assertThat(other.metrics()).isNotEqualTo(one.metrics());
    }

    /** TRL takes the old log-probabilities from generation and the new ones from another pass. */
    @ParameterizedTest
    @ValueSource(doubles = {1, 0.7})
    void theFirstRatioOfEveryRolloutIsOne(double temperature) {
        run.temperature = temperature;
        TextRuns.Trained trained = run.train();
        assertThat(trained.metrics()).hasSize(3).allSatisfy(values -> {
            assertThat(values.get("val/first_ratio_deviation")).isLessThan(1e-4);
            assertThat(values.get("val/sampling_deviation")).isLessThan(1e-4);
        });
        // Before anything is learned the policy is the reference.
        assertThat(trained.first("objective/kl")).isZero();
        assertThat(trained.last("objective/kl3")).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void itLearnsToWriteTheLetterThatIsRewarded(CriticConfig.Start start) {
        run.critic = new CriticConfig(start, null, 0);
        run.rollouts = 12;
        run.heldOut = List.of(Content.of("bcd"), Content.of("hh"), Content.of("eab"), Content.of("fg"));
        run.evalSteps = 1;
        TextRuns.Trained trained = run.train();
        assertThat(trained.last("objective/raw_scores")).isGreaterThan(trained.first("objective/raw_scores") + 0.3);
        assertThat(trained.last("eval_scores")).isGreaterThan(trained.first("eval_scores") + 0.2);
        assertThat(trained.last("objective/kl")).isPositive();
    }

    /** Without a score and without a distance every advantage is 0: not even rounding moves a weight. */
    @Test
    void nothingToEarnMovesNothing() {
        run.weight = 0;
        run.kl = run.kl.withCoef(5);
        TextRuns.Trained trained = run.train();
        TextRuns.assertSameBytes(trained.end(), trained.start());
        assertThat(trained.all("objective/kl3")).containsOnly(0);
        assertThat(trained.result().keptStep()).isEqualTo(3);
    }

    @Test
    void theResultCountsWhatWasWritten() {
        run.sampleSteps = 2;
        TextRuns.Trained trained = run.train();
        PpoTextResult result = trained.result();
        assertThat(result.rollouts()).isEqualTo(3);
        assertThat(result.episodes()).isEqualTo(48);
        double tokens = 0;
        for (double length : trained.all("completions/mean_length")) {
            assertThat(length).isBetween(1.0, 6.0);
            tokens += 16 * length;
        }
        assertThat((double) result.tokens()).isCloseTo(tokens, within(1e-6));
        assertThat(trained.last("num_tokens")).isEqualTo((double) result.tokens());
        assertThat(trained.last("episode")).isEqualTo(48);
        assertThat(result.interrupted()).isFalse();
        assertThat(result.stopped()).isNull();
        assertThat(result.metrics()).containsKeys("time/generate", "time/score", "time/evaluate", "time/update");
        assertThat(trained.samples())
                .hasSize(2)
                .allSatisfy(some -> assertThat(some).hasSize(3).allSatisfy(sample -> {
                    assertThat(sample.score()).isEqualTo(TextRuns.LIKES_A.score("", sample.completion()));
                    assertThat(TinyText.PROMPTS).contains(sample.prompt());
                    assertThat(sample.tokens()).isBetween(1, 6);
                }));
    }

    @Test
    void microBatchesChangeNothingElse() {
        run.rollouts = 2;
        TextRuns.Trained whole = run.train();
        for (int size : new int[] {1, 3}) {
            run.microBatch = size;
            TextRuns.Trained cut = run.train();
            cut.end()
                    .forEach((name, values) -> assertClose(
                            values, Objects.requireNonNull(whole.end().get(name)), 1e-4, 0));
            assertThat(cut.last("policy/approxkl_avg")).isCloseTo(whole.last("policy/approxkl_avg"), within(1e-5));
            assertThat(cut.last("val/ratio")).isCloseTo(whole.last("val/ratio"), within(1e-5));
        }
    }

    @Test
    void aPenaltyForTheMissingEndIsTakenOffWhereItIsMissing() {
        run.score = new ScoreConfig(FailurePolicy.ERROR, null, 0, Normalization.NONE, null, 2.0);
        run.rollouts = 1;
        TextRuns.Trained trained = run.train();
        double finished = trained.first("completions/finished");
        assertThat(finished).isStrictlyBetween(0.0, 1.0);
        assertThat(trained.first("val/num_eos_tokens")).isEqualTo(16 * finished);
        assertThat(trained.first("objective/scores"))
                .isCloseTo(trained.first("objective/raw_scores") - 2 * (1 - finished), within(1e-9));
    }

    @Test
    void whiteningChangesWhatIsLearnedAndNotWhatIsReported() {
        run.rollouts = 1;
        TextRuns.Trained plain = run.train();
        run.whiten = true;
        TextRuns.Trained whitened = run.train();
        assertThat(whitened.first("objective/rlhf_reward")).isEqualTo(plain.first("objective/rlhf_reward"));
        assertThat(whitened.first("loss/value_avg")).isNotEqualTo(plain.first("loss/value_avg"));
        assertDiffer(whitened.end(), plain.end());
    }

    /** Evaluation draws from rows of its own, and leaves the statistics of the scores alone. */
    @Test
    void heldOutPromptsDoNotChangeTraining() {
        run.score = new ScoreConfig(FailurePolicy.ERROR, null, 0, Normalization.RUNNING, null, null);
        TextRuns.Trained without = run.train();
        run.heldOut = List.of(Content.of("bcd"), Content.of("ab"));
        TextRuns.Trained with = run.train();
        TextRuns.assertSameBytes(with.end(), without.end());
        for (int i = 0; i < 3; i++) {
            Map<String, Double> training = new TreeMap<>(with.metrics().get(i));
            assertThat(training).containsKeys("eval_scores", "eval_kl", "eval_mean_length", "eval_finished");
            training.keySet().removeIf(name -> name.startsWith("eval_"));
            assertThat(training).isEqualTo(without.metrics().get(i));
        }
        run.evalSteps = 0;
        TextRuns.Trained atTheEnd = run.train();
        assertThat(atTheEnd.metrics().get(1)).doesNotContainKey("eval_scores");
        assertThat(atTheEnd.last("eval_scores")).isEqualTo(with.last("eval_scores"));
    }

    @Test
    void rowsWithoutAScoreAreLeftOut() {
        run.score = new ScoreConfig(FailurePolicy.DROP, null, 0, Normalization.NONE, null, null);
        run.rollouts = 2;
        CompletionScorer picky =
                (prompt, completion) -> prompt.equals("ab") ? Double.NaN : TextRuns.LIKES_A.score(prompt, completion);
        run.scorer = picky;
        TextRuns.Trained trained = run.train();
        assertThat(trained.all("objective/failed_scores")).containsExactly(4, 4);
        assertThat(trained.last("objective/raw_scores")).isBetween(0.0, 1.0);
        assertDiffer(trained.end(), trained.start());
    }

    @Test
    void tooFewScoresForTheMiniBatchesEndTheRunAndSayWhy() {
        run.score = new ScoreConfig(FailurePolicy.DROP, null, 0, Normalization.NONE, null, null);
        int[] asked = {0};
        run.scorer = (prompt, completion) -> asked[0]++ == 0 ? 1 : Double.NaN;
        assertThatThrownBy(run::train)
                .isInstanceOf(RewardException.class)
                .hasMessage(
                        "rollout 0: 1 of 16 completions have a score, too few for 2 mini-batches: onFailure worst or"
                                + " replace gives one to the others");
    }

    @Test
    void aModelThatNeverEndsWritesUpToTheLimit() {
        run.policy = TinyText.endless(folder, 1);
        run.reference = run.policy;
        run.rollouts = 2;
        run.sampleSteps = 1;
        TextRuns.Trained trained = run.train();
        assertThat(trained.all("completions/mean_length")).containsOnly(6);
        assertThat(trained.all("completions/finished")).containsOnly(0);
        assertThat(trained.samples().get(0)).allMatch(sample -> sample.finish() == FinishReason.LENGTH);
    }

    /** Answers how many turns it was shown. */
    private static final class Turns implements CompletionScorer {
        private final List<Content> seen = new ArrayList<>();

        @Override
        public double score(String prompt, String completion) {
            throw new AssertionError("a conversation was flattened");
        }

        @Override
        public boolean scoresConversations() {
            return true;
        }

        @Override
        public double[] scoreSamples(List<Content> prompts, List<String> completions) {
            seen.addAll(prompts);
            return completions.stream().mapToDouble(String::length).toArray();
        }
    }

    @Test
    void conversationsAreAnsweredAndScoredAsSuch() {
        Turns turns = new Turns();
        run.scorer = turns;
        run.rollouts = 1;
        run.prompts = List.of(Content.of(List.of(new Message("user", "abc"))));
        try (LanguageModel chat = LanguageModel.open(
                run.policy,
                policy -> policy.withChatFormat(ChatFormat.HUMAN_ASSISTANT)
                        .withOnUnknown(EncodingPolicy.OnUnknown.COUNT))) {
            TextRuns.Trained trained = run.train(chat);
            assertThat(turns.seen).hasSize(16).containsOnly(run.prompts.get(0));
            assertThat(trained.first("val/first_ratio_deviation")).isLessThan(1e-4);
        }
        run.scorer = TextRuns.LIKES_A;
        assertThatThrownBy(run::train)
                .isInstanceOf(RewardException.class)
                .hasMessage(
                        "the prompt [{\"role\":\"user\",\"content\":\"abc\"}] is a conversation, but the reward a takes plain text alone");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void manyRolloutsKeepNoArrays(boolean ownNetwork) {
        List<Integer> counts = new ArrayList<>();
        try (LanguageModel model = LanguageModel.open(run.policy);
                LanguageModel start = LanguageModel.open(run.policy);
                Critic critic = ownNetwork ? Critic.open(run.policy, model) : Critic.onPolicy(model)) {
            run.rollouts = 20;
            run.heldOut = List.of(Content.of("abc"));
            run.guard = new GuardConfig(1e9, null, null, null, null, 1);
            run.kl = TextRuns.kl(KlConfig.Placement.LOSS, KlEstimator.K2, 0.01, null);
            Rewards rewards = new Rewards(List.of(new RewardSource("a", TextRuns.LIKES_A, 1)), ScoreConfig.DEFAULT);
            PpoTextTrainer trainer = new PpoTextTrainer(model, start, critic, rewards, run.config());
            RunHooks counting = RunHooks.NONE.metrics(logged -> counts.add(arrays(model, start, critic)));
            trainer.train(run.prompts, run.heldOut, counting, PpoTextListener.NONE);
            assertThat(counts.subList(2, 20)).containsOnly(counts.get(2));
            // Nor does a run: what the first one leaves are tables that are made on first use.
            int before = arrays(model, start, critic);
            trainer.train(run.prompts, run.heldOut, counting, PpoTextListener.NONE);
            assertThat(arrays(model, start, critic)).isEqualTo(before);
            assertThat(counts).hasSize(40);
        }
    }

    private static int arrays(LanguageModel model, LanguageModel start, Critic critic) {
        return Torch.call(() -> Leaks.count(Torch.manager())
                + Leaks.count(model.parameters().manager())
                + Leaks.count(start.parameters().manager())
                + Leaks.count(critic.parameters().manager()));
    }

    @Test
    void whatCannotBeTrainedIsRefused() {
        Rewards rewards = new Rewards(List.of(new RewardSource("a", TextRuns.LIKES_A, 1)), ScoreConfig.DEFAULT);
        try (LanguageModel model = LanguageModel.open(run.policy);
                LanguageModel start = LanguageModel.open(run.policy);
                LanguageModel other = LanguageModel.open(TinyText.otherLetters(folder));
                Critic critic = Critic.onPolicy(model)) {
            assertThatThrownBy(() -> new PpoTextTrainer(model, model, critic, rewards, run.config()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(
                            "the policy is its own reference and would change it: open the model twice");
            assertThatThrownBy(() -> new PpoTextTrainer(model, other, critic, rewards, run.config()))
                    .hasMessage("the reference has another tokenizer than the policy");
            PpoTextTrainer trainer = new PpoTextTrainer(model, start, critic, rewards, run.config());
            assertThatThrownBy(() -> trainer.train(List.of(), run.prompts)).hasMessage("there are no prompts");
            assertThat(model.parameters().trainableNames()).isEmpty();
        }
    }
}
