package org.rlhf4j.ppo.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.Content;
import org.rlhf4j.ppo.KlEstimator;
import org.rlhf4j.ppo.text.KlConfig.Placement;

/** What steers a run: the KL penalty and its controller, the critic's warm-up, the guard, and being asked to stop. */
class PpoTextRunTest {
    @TempDir
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private TextRuns run;

    @BeforeEach
    void settings() {
        run = new TextRuns(folder);
    }

    private static boolean same(Map<String, float[]> one, Map<String, float[]> other) {
        return one.keySet().stream().allMatch(name -> Arrays.equals(one.get(name), other.get(name)));
    }

    private static double mean(double[] values, int from, int to) {
        return Arrays.stream(values, from, to).average().orElseThrow();
    }

    private double klAfterTraining(Placement placement, KlEstimator estimator, double coef) {
        run.kl = TextRuns.kl(placement, estimator, coef, null);
        run.rollouts = 12;
        return mean(run.train().all("objective/kl3"), 9, 12);
    }

    @Test
    void aPenaltyInRewardOrLossHoldsThePolicyBack() {
        double free = klAfterTraining(Placement.REWARD, KlEstimator.K1, 0);
        assertThat(free).isGreaterThan(0.5);
        assertThat(klAfterTraining(Placement.REWARD, KlEstimator.K1, 1)).isLessThan(0.6 * free);
        assertThat(klAfterTraining(Placement.LOSS, KlEstimator.K2, 1)).isLessThan(0.6 * free);
    }

    /** A policy that has moved away, and nothing to earn but the way back. */
    @ParameterizedTest
    @EnumSource
    void thePenaltyAloneLeadsBackToTheReference(Placement placement) {
        run.reference = TinyText.languageModel(folder, 3);
        run.weight = 0;
        run.rollouts = 16;
        run.kl = TextRuns.kl(placement, placement == Placement.LOSS ? KlEstimator.K2 : KlEstimator.K1, 1, null);
        double[] kl = run.train().all("objective/kl3");
        assertThat(mean(kl, 0, 2)).isGreaterThan(1);
        assertThat(mean(kl, 12, 16)).isLessThan(0.6 * mean(kl, 0, 2));
    }

    @Test
    void thePenaltyIsPartOfTheRewardThatIsReported() {
        TextRuns.Trained trained = run.train();
        assertThat(trained.first("objective/non_score_reward")).isZero();
        for (Map<String, Double> values : trained.metrics()) {
            double kl = values.getOrDefault("objective/kl", Double.NaN);
            double penalty = values.getOrDefault("objective/non_score_reward", Double.NaN);
            assertThat(penalty).isCloseTo(-0.01 * kl, within(1e-9));
            assertThat(values.get("objective/rlhf_reward"))
                    .isCloseTo(values.getOrDefault("objective/scores", Double.NaN) + penalty, within(1e-9));
        }
        assertThat(trained.last("loss/kl_avg")).isZero();
    }

    /** 16 completions and horizon 100: at most 0.2 * 16 / 100 = 3.2 % a rollout. */
    @ParameterizedTest
    @ValueSource(doubles = {0.01, 1000})
    void theCoefficientFollowsTheDivergenceThatIsLogged(double target) {
        run.kl = TextRuns.kl(Placement.REWARD, KlEstimator.K1, 0.05, target);
        run.rollouts = 8;
        TextRuns.Trained trained = run.train();
        double[] coef = trained.all("objective/kl_coef");
        double[] kl = trained.all("objective/kl");
        assertThat(coef[0]).isEqualTo(0.05);
        for (int i = 1; i < coef.length; i++) {
            double error = Math.max(-0.2, Math.min(0.2, kl[i - 1] / target - 1));
            assertThat(coef[i]).isCloseTo(coef[i - 1] * (1 + error * 16 / 100), within(1e-12));
        }
        if (target > 1) {
            assertThat(coef[7]).isCloseTo(0.05 * Math.pow(0.968, 7), within(1e-12));
        } else {
            assertThat(coef[7]).isGreaterThan(coef[1]);
        }
    }

    @Test
    void theCoefficientWaitsWithThePolicy() {
        run.kl = TextRuns.kl(Placement.REWARD, KlEstimator.K1, 0.05, 1000.0);
        run.critic = new CriticConfig(CriticConfig.Start.POLICY, null, 2);
        run.rollouts = 4;
        assertThat(run.train().all("objective/kl_coef"))
                .containsExactly(new double[] {0.05, 0.05, 0.05, 0.05 * 0.968}, within(1e-12));
    }

    @ParameterizedTest
    @EnumSource
    void onlyTheCriticLearnsDuringItsWarmUp(CriticConfig.Start start) {
        run.critic = new CriticConfig(start, 2e-2, 2);
        TextRuns.Trained trained = run.train();
        TextRuns.assertSameBytes(trained.policy().get(0), trained.start());
        TextRuns.assertSameBytes(trained.policy().get(1), trained.start());
        assertThat(same(trained.policy().get(2), trained.start())).isFalse();
        assertThat(same(trained.critic().get(0), trained.critic().get(1))).isFalse();
        assertThat(trained.all("policy/grad_norm")).startsWith(0, 0);
        assertThat(trained.last("policy/grad_norm")).isPositive();
        assertThat(trained.first("value/grad_norm")).isPositive();
    }

    /** Adam's first step is as long as its rate, and the two networks have different ones. */
    @Test
    void theCriticHasALearningRateOfItsOwn() {
        run.critic = new CriticConfig(CriticConfig.Start.HEAD, 3e-2, 0);
        run.rollouts = 1;
        double head = largest(run.train().critic().get(0));
        // Two epochs of two mini-batches, from 0.
        assertThat(head).isBetween(0.06, 0.121);
        run.critic = new CriticConfig(CriticConfig.Start.HEAD, null, 0);
        assertThat(largest(run.train().critic().get(0))).isBetween(0.02, 0.041);
    }

    private static double largest(Map<String, float[]> weights) {
        return weights.values().stream()
                .flatMapToDouble(values -> IntStream.range(0, values.length).mapToDouble(i -> Math.abs(values[i])))
                .max()
                .orElseThrow();
    }

    /** The limit is passed for good at some rollout: two later the weights are those from before it. */
    @Test
    void theGuardStopsWithTheLastGoodWeights() {
        run.rollouts = 30;
        run.guard = new GuardConfig(0.5, null, null, null, null, 2);
        run.heldOut = List.of(Content.of("bcd"));
        run.evalSteps = 0;
        TextRuns.Trained trained = run.train();
        PpoTextResult result = trained.result();
        assertThat(result.stopped()).startsWith("KL from the reference ").endsWith("nats a sequence");
        assertThat(result.rollouts()).isLessThan(30);
        assertThat(result.interrupted()).isFalse();
        double[] kl = trained.all("objective/kl");
        int last = kl.length - 1;
        assertThat(result.rollouts()).isEqualTo(kl.length);
        assertThat(kl[last]).isGreaterThan(0.5);
        assertThat(kl[last - 1]).isGreaterThan(0.5);
        assertThat(kl[last - 2]).isLessThanOrEqualTo(0.5);
        // The rollout before these two was still good, and was made by the weights from before it.
        assertThat(result.keptStep()).isEqualTo(last - 2);
        Map<String, float[]> kept =
                last == 2 ? trained.start() : trained.policy().get(last - 3);
        TextRuns.assertSameBytes(trained.end(), kept);
        assertThat(same(trained.end(), trained.policy().get(last - 1))).isFalse();
        assertThat(trained.warnings()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(trained.warnings().get(trained.warnings().size() - 1)).isEqualTo(last + ": " + result.stopped());
        // The last rollout is looked at, answered on the held-out prompts, and not learned from.
        assertThat(trained.metrics().get(last)).containsKey("eval_scores").doesNotContainKey("lr");
    }

    @Test
    void aRunThatIsBadFromTheStartKeepsItsStart() {
        run.guard = new GuardConfig(null, 100.0, null, null, null, 1);
        TextRuns.Trained trained = run.train();
        assertThat(trained.result().rollouts()).isEqualTo(1);
        assertThat(trained.result().keptStep()).isZero();
        assertThat(trained.result().stopped()).startsWith("entropy ");
        TextRuns.assertSameBytes(trained.end(), trained.start());
    }

    @Test
    void withoutPatienceTheGuardOnlyWarns() {
        run.guard = new GuardConfig(null, 100.0, null, null, null, 0);
        TextRuns.Trained warned = run.train();
        assertThat(warned.warnings()).hasSize(3);
        assertThat(warned.warnings().get(2)).startsWith("2: entropy ");
        assertThat(warned.result().stopped()).isNull();
        assertThat(warned.result().keptStep()).isEqualTo(3);
        run.guard = GuardConfig.OFF;
        TextRuns.assertSameBytes(warned.end(), run.train().end());
    }

    @Test
    void equalScoresAreWarnedOf() {
        run.guard = GuardConfig.DEFAULT;
        run.weight = 0;
        run.rollouts = 1;
        assertThat(run.train().warnings())
                .containsExactly("0: spread of the scores 0.000, below the limit of 1.000e-06");
    }

    @Test
    void whoIsAskedToStopStopsBetweenRollouts() {
        int[] asked = {0};
        run.stop = () -> asked[0]++ == 2;
        TextRuns.Trained stopped = run.train();
        assertThat(stopped.result().interrupted()).isTrue();
        assertThat(stopped.result().rollouts()).isEqualTo(2);
        run.stop = () -> false;
        TextRuns.assertSameBytes(stopped.end(), run.train().policy().get(1));
    }
}
