package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.OptimizerConfig.LearningRate;

/** A policy and a critic with weights of their own, and a KL penalty in the loss. */
class PpoLearnerNetworksTest {
    private static final int ROWS = 4;

    /** Softmax over two actions with one logit, of which action 0 was taken in even rows; the value is one number. */
    private static final class Apart implements ActorCritic<Integer>, AutoCloseable {
        private final Parameters policy = one(0.3f);
        private final Parameters critic = one(-0.5f);
        private final double criticRate;
        private final long firstUpdate;
        private boolean inTwoPasses;

        Apart(double criticRate, long firstUpdate) {
            this.criticRate = criticRate;
            this.firstUpdate = firstUpdate;
        }

        private static Parameters one(float value) {
            return Torch.call(() -> {
                Parameters parameters = new Parameters();
                parameters.put("w", HostCopy.create(parameters.manager(), new Shape(1), new float[] {value}));
                return parameters;
            });
        }

        @Override
        public List<Network> networks() {
            return List.of(new Network("policy", policy, 1, firstUpdate), new Network("critic", critic, criticRate, 0));
        }

        @Override
        public Evaluation evaluate(Integer samples, int[] rows, Tape tape) {
            float[] taken = new float[rows.length];
            float[] ones = new float[rows.length];
            for (int i = 0; i < rows.length; i++) {
                taken[i] = rows[i] % 2 == 0 ? 1 : -1;
                ones[i] = 1;
            }
            Shape shape = new Shape(rows.length, 1);
            NDArray sign = HostCopy.create(Torch.manager(), shape, taken);
            NDArray column = HostCopy.create(Torch.manager(), shape, ones);
            // log sigmoid(z) for action 0, log sigmoid(-z) for action 1.
            NDArray logProbs =
                    sign.mul(policy.get("w")).neg().exp().add(1f).log().neg();
            return new Evaluation(logProbs, logProbs.neg(), column.mul(critic.get("w")));
        }

        @Override
        public List<Pass<Integer>> passes() {
            if (!inTwoPasses) {
                return ActorCritic.super.passes();
            }
            return List.of(
                    (samples, rows, tape) -> {
                        Evaluation all = evaluate(samples, rows, tape);
                        return new Evaluation(all.logProbs(), all.entropy(), null);
                    },
                    (samples, rows, tape) -> new Evaluation(
                            null, null, evaluate(samples, rows, tape).values()));
        }

        double weight(Parameters parameters) {
            return Torch.call(() -> parameters.get("w").toFloatArray()[0]);
        }

        double logProb(int row) {
            double z = weight(policy) * (row % 2 == 0 ? 1 : -1);
            return -Math.log1p(Math.exp(-z));
        }

        Experience experience(double... advantages) {
            float[][] logProbs = new float[ROWS][];
            Arrays.setAll(logProbs, row -> new float[] {(float) logProb(row)});
            float[][] advantage = new float[ROWS][];
            Arrays.setAll(advantage, row -> new float[] {(float) advantages[row]});
            boolean[][] mask = new boolean[ROWS][1];
            Arrays.fill(mask, new boolean[] {true});
            float[][] values = new float[ROWS][1];
            float[][] returns = new float[ROWS][1];
            Arrays.fill(returns, new float[] {1});
            return new Experience(logProbs, values, advantage, returns, mask);
        }

        @Override
        public void close() {
            policy.close();
            critic.close();
        }
    }

    private static final double[] EVEN_IS_BETTER = {1, -1, 1, -1};

    private static Settings signs() {
        return Settings.ONE_STEP
                .normalized(PpoConfig.AdvantageNormalization.NONE)
                .with(Settings.signs(0.01, LearningRate.CONSTANT));
    }

    private static PpoLearner<Integer> learner(Apart apart, Settings settings) {
        return new PpoLearner<>(apart, settings.config(), 10, 1);
    }

    @Test
    void eachNetworkMovesByItsOwnRate() {
        try (Apart apart = new Apart(3, 0);
                PpoLearner<Integer> learner = learner(apart, signs())) {
            PpoUpdate update = learner.update(apart.experience(EVEN_IS_BETTER), ROWS);
            assertThat(apart.weight(apart.policy)).isCloseTo(0.3 + 0.01, within(1e-6));
            assertThat(apart.weight(apart.critic)).isCloseTo(-0.5 + 0.03, within(1e-6));
            assertThat(update.networkNorms()).hasSize(2).allMatch(norm -> norm > 0);
            double both = Math.hypot(
                    update.networkNorms().get(0), update.networkNorms().get(1));
            assertThat(update.gradNorm()).isCloseTo(both, within(1e-9));
            // valueCoef 0.5 times (V - R) = -1.5
            assertThat(update.networkNorms().get(1)).isCloseTo(0.75, within(1e-6));
        }
    }

    @Test
    void twoPassesDoWhatOneDoes() {
        try (Apart one = new Apart(3, 0);
                Apart two = new Apart(3, 0)) {
            two.inTwoPasses = true;
            Settings settings = signs().cut(3, 2).micro(1);
            try (PpoLearner<Integer> first = learner(one, settings);
                    PpoLearner<Integer> second = learner(two, settings)) {
                PpoUpdate expected = first.update(one.experience(EVEN_IS_BETTER), ROWS);
                assertThat(second.update(two.experience(EVEN_IS_BETTER), ROWS)).isEqualTo(expected);
                assertThat(expected.minibatches()).isEqualTo(6);
            }
            assertThat(two.weight(two.policy)).isEqualTo(one.weight(one.policy));
            assertThat(two.weight(two.critic)).isEqualTo(one.weight(one.critic));
        }
    }

    @Test
    void aPolicyThatWaitsIsBitEqualUntilItsFirstUpdate() {
        try (Apart apart = new Apart(1, 2);
                PpoLearner<Integer> learner = learner(apart, signs().cut(2, 2))) {
            for (int update = 0; update < 2; update++) {
                double critic = apart.weight(apart.critic);
                PpoUpdate seen = learner.update(apart.experience(EVEN_IS_BETTER), ROWS);
                assertThat(apart.weight(apart.policy)).isEqualTo(0.3f);
                assertThat(apart.weight(apart.critic)).isCloseTo(critic + 0.04, within(1e-6));
                assertThat(seen.networkNorms().get(0)).isZero();
                assertThat(seen.ratios().deviation()).isLessThan(1e-6);
            }
            learner.update(apart.experience(EVEN_IS_BETTER), ROWS);
            assertThat(apart.weight(apart.policy)).isCloseTo(0.3 + 0.04, within(1e-6));
        }
        // Frozen again at the end, the one that waited too.
        try (Apart apart = new Apart(1, 2)) {
            learner(apart, signs()).close();
            assertThat(apart.policy.trainableNames()).isEmpty();
            assertThat(apart.critic.trainableNames()).isEmpty();
        }
    }

    /** Without advantages only the penalty moves the policy: back towards a reference that was surer of action 1. */
    @Test
    void thePenaltyPullsTowardsTheReference() {
        double[] nothing = {0, 0, 0, 0};
        float[][] reference = new float[ROWS][];
        Arrays.setAll(reference, row -> new float[] {row % 2 == 0 ? -2f : (float) Math.log1p(-Math.exp(-2))});
        try (Apart apart = new Apart(1, 0);
                PpoLearner<Integer> learner = learner(apart, signs().with(Settings.descent(0)))) {
            Experience experience = apart.experience(nothing).withReference(reference);
            double even = apart.logProb(0) + 2;
            double odd = apart.logProb(1) - Math.log1p(-Math.exp(-2));
            PpoUpdate update = learner.update(experience, ROWS, new PpoLoss.KlPenalty(KlEstimator.K2, 0.4));
            assertThat(update.klPenalty()).isCloseTo((even * even + odd * odd) / 4, within(1e-6));
            // d log sigmoid(z) / dz = 1 - p and -p; two rows each of four; the entropy, -log pi here, costs 0.01.
            double p = 1 / (1 + Math.exp(-0.3f));
            double byLogProb = 0.4 * (even * (1 - p) - odd * p) / 2 + 0.01 * ((1 - p) - p) / 2;
            assertThat(apart.weight(apart.policy)).isCloseTo(0.3 - byLogProb, within(1e-5));
            assertThat(byLogProb).isPositive();
        }
    }

    @Test
    void aPenaltyWithoutAReferenceIsRefused() {
        try (Apart apart = new Apart(1, 0);
                PpoLearner<Integer> learner = learner(apart, signs())) {
            assertThatThrownBy(() -> learner.update(
                            apart.experience(EVEN_IS_BETTER), ROWS, new PpoLoss.KlPenalty(KlEstimator.K2, 0.4)))
                    .hasMessage("the loss has a KL penalty, but the reference said nothing");
            assertClose(apart.weight(apart.policy), 0.3f, 0, 0);
        }
    }

    @Test
    void networksWithoutMeaningAreRefused() {
        try (Parameters none = Torch.call(Parameters::new)) {
            assertThatThrownBy(() -> new ActorCritic.Network("critic", none, -1, 0))
                    .hasMessageContaining("rateFactor is -1.0");
            assertThatThrownBy(() -> new ActorCritic.Network("critic", none, 1, -1))
                    .hasMessageContaining("firstUpdate is -1");
            assertThat(ActorCritic.Network.only(none)).isEqualTo(new ActorCritic.Network("", none, 1, 0));
        }
    }
}
