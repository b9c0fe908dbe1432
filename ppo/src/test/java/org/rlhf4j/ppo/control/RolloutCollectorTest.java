package org.rlhf4j.ppo.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;
import org.rlhf4j.control.space.Space;
import org.rlhf4j.control.vector.SyncVectorEnvironment;
import org.rlhf4j.control.vector.VectorEnvironment;
import org.rlhf4j.control.wrap.Wrapper;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.ppo.Rollout;

/** Environments that count: the observation is the step of the episode in tenths, the reward its number. */
class RolloutCollectorTest {
    private static final float GAMMA = 0.5f;

    /** Ends after some steps, by itself or by a limit. */
    @SuppressWarnings("ArrayRecordComponent") // what changes
    private record Counting(int length, boolean terminates, int[] at) implements Environment<Integer> {
        @Override
        public EnvironmentSpec spec() {
            return new EnvironmentSpec("Counting-v0", null, null);
        }

        @Override
        public Box observationSpace() {
            return new Box(0, 10, 1);
        }

        @Override
        public Space<Integer> actionSpace() {
            return new Discrete(2);
        }

        @Override
        public Reset reset(@Nullable Long seed, Map<String, Object> options) {
            at[0] = 0;
            return new Reset(observation(), Map.of());
        }

        @Override
        public Step step(Integer action) {
            at[0]++;
            boolean end = at[0] == length;
            return new Step(observation(), at[0], end && terminates, end && !terminates, Map.of());
        }

        private float[] observation() {
            return new float[] {at[0] / 10f};
        }
    }

    private static ControlConfig config(int numEnvs) {
        return ConfigReader.of(ControlConfig.defaults("Counting-v0"))
                .overrides(List.of("numEnvs=" + numEnvs, "numSteps=5", "ppo.numMinibatches=1", "ppo.gamma=" + GAMMA))
                .read();
    }

    private static VectorEnvironment<Integer> three() {
        return new SyncVectorEnvironment<>(
                List.of(
                        new Counting(3, true, new int[1]),
                        new Counting(3, false, new int[1]),
                        new Counting(100, true, new int[1])),
                VectorEnvironment.AutoresetMode.SAME_STEP);
    }

    @Test
    void anEndOfTheTaskAddsNothingATimeLimitAndTheEndOfTheRolloutAddTheValue() {
        VectorEnvironment<Integer> environments = three();
        ControlConfig config = config(3);
        try (ControlActorCritic<Integer> actorCritic = actorCritic(environments, config)) {
            Weights weights = Weights.of(actorCritic.parameters());
            Mlp critic = new Mlp(actorCritic.critic(), weights);
            Rollout rollout = new RolloutCollector<>(environments, actorCritic, config)
                    .collect(weights)
                    .rollout();

            assertThat(rollout.discounts()[0]).containsExactly(GAMMA, GAMMA, 0, GAMMA, 0);
            assertThat(rollout.discounts()[1]).containsExactly(GAMMA, GAMMA, 0, GAMMA, 0);
            assertThat(rollout.discounts()[2]).containsExactly(GAMMA, GAMMA, GAMMA, GAMMA, 0);
            assertRewards(rollout.rewards()[0], 1, 2, 3, 1, 2 + rest(critic, 0.2f));
            assertRewards(rollout.rewards()[1], 1, 2, 3 + rest(critic, 0.3f), 1, 2 + rest(critic, 0.2f));
            assertRewards(rollout.rewards()[2], 1, 2, 3, 4, 5 + rest(critic, 0.5f));
            // The value is of what the action answered: after an end, of the first observation of the next episode.
            assertThat(rollout.values()[1][3]).isEqualTo(critic.forward(new float[] {0})[0]);
            assertThat(rollout.values()[1][4]).isEqualTo(critic.forward(new float[] {0.1f})[0]);
        }
    }

    private static ControlActorCritic<Integer> actorCritic(
            VectorEnvironment<Integer> environments, ControlConfig config) {
        return new ControlActorCritic<>(
                environments.observationSpace(), environments.actionSpace(), config.policy(), SeededStream.of(1));
    }

    private static double rest(Mlp critic, float observation) {
        return GAMMA * critic.forward(new float[] {observation})[0];
    }

    private static void assertRewards(float[] rewards, double... expected) {
        for (int t = 0; t < expected.length; t++) {
            assertThat((double) rewards[t]).as("reward " + t).isCloseTo(expected[t], within(1e-6));
        }
    }

    @Test
    void aRowOfTheSamplesIsAStepOfAnEnvironmentAndEpisodesGoOnInTheNextRollout() {
        VectorEnvironment<Integer> environments = three();
        ControlConfig config = config(3);
        try (ControlActorCritic<Integer> actorCritic = actorCritic(environments, config)) {
            Weights weights = Weights.of(actorCritic.parameters());
            RolloutCollector<Integer> collector = new RolloutCollector<>(environments, actorCritic, config);
            assertThat(collector.collect(weights).observations())
                    .containsExactly(0, 0.1f, 0.2f, 0, 0.1f, 0, 0.1f, 0.2f, 0, 0.1f, 0, 0.1f, 0.2f, 0.3f, 0.4f);
            assertThat(collector.collect(weights).observations())
                    .containsExactly(0.2f, 0, 0.1f, 0.2f, 0, 0.2f, 0, 0.1f, 0.2f, 0, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f);
        }
    }

    @Test
    void smoothNoiseLastsForItsFrequencyAndIsEachEnvironmentsOwn() {
        ControlConfig config = ConfigReader.of(ControlConfig.defaults("Still-v0"))
                .overrides(List.of(
                        "numEnvs=2",
                        "numSteps=6",
                        "ppo.numMinibatches=1",
                        "policy.exploration.type=state-dependent",
                        "policy.exploration.initialLogStd=0",
                        "policy.exploration.sampleFrequency=3"))
                .read();
        VectorEnvironment<float[]> environments =
                new SyncVectorEnvironment<>(Still::new, 2, VectorEnvironment.AutoresetMode.SAME_STEP);
        try (ControlActorCritic<float[]> actorCritic = new ControlActorCritic<>(
                environments.observationSpace(), environments.actionSpace(), config.policy(), SeededStream.of(1))) {
            float[] actions = new RolloutCollector<>(environments, actorCritic, config)
                    .collect(Weights.of(actorCritic.parameters()))
                    .actions();
            assertThat(actions[1]).isEqualTo(actions[0]);
            assertThat(actions[2]).isEqualTo(actions[0]);
            assertThat(actions[3]).isNotEqualTo(actions[0]);
            assertThat(actions[5]).isEqualTo(actions[3]);
            assertThat(actions[6]).isNotEqualTo(actions[0]);
            assertThat(actions[8]).isEqualTo(actions[6]);
        }
    }

    /** Always shows the same. */
    private static final class Still implements Environment<float[]> {
        @Override
        public EnvironmentSpec spec() {
            return new EnvironmentSpec("Still-v0", null, null);
        }

        @Override
        public Box observationSpace() {
            return new Box(0, 10, 1);
        }

        @Override
        public Space<float[]> actionSpace() {
            return new Box(-100, 100, 1);
        }

        @Override
        public Reset reset(@Nullable Long seed, Map<String, Object> options) {
            return new Reset(new float[] {0.5f}, Map.of());
        }

        @Override
        public Step step(float[] action) {
            return new Step(new float[] {0.5f}, 0, false, false, Map.of());
        }
    }

    @Test
    void anEnvironmentThatObservesNonsenseIsNamed() {
        for (float[] nonsense : List.of(new float[] {Float.NaN}, new float[] {0, 0})) {
            VectorEnvironment<Integer> environments = new SyncVectorEnvironment<>(
                    List.of(
                            new Counting(100, true, new int[1]),
                            new Broken(new Counting(100, true, new int[1]), nonsense)),
                    VectorEnvironment.AutoresetMode.SAME_STEP);
            ControlConfig config = config(2);
            try (ControlActorCritic<Integer> actorCritic = actorCritic(environments, config)) {
                Weights weights = Weights.of(actorCritic.parameters());
                RolloutCollector<Integer> collector = new RolloutCollector<>(environments, actorCritic, config);
                assertThatThrownBy(() -> collector.collect(weights))
                        .hasMessage("environment 1 of Counting-v0 observes " + Arrays.toString(nonsense)
                                + " after step 1: expected 1 finite numbers");
            }
        }
    }

    /** Shows something wrong after the first step. */
    @SuppressWarnings("ArrayRecordComponent") // what it shows
    private record Broken(Environment<Integer> inner, float[] nonsense) implements Wrapper<Integer> {
        @Override
        public Step step(Integer action) {
            return new Step(nonsense, 0, false, false, Map.of());
        }
    }

    @Test
    void theStepAfterAnEndMustNotBeAReset() {
        VectorEnvironment<Integer> environments = new SyncVectorEnvironment<>(
                () -> new Counting(3, true, new int[1]), 1, VectorEnvironment.AutoresetMode.NEXT_STEP);
        ControlConfig config = config(1);
        try (ControlActorCritic<Integer> actorCritic = actorCritic(environments, config)) {
            assertThatThrownBy(() -> new RolloutCollector<>(environments, actorCritic, config))
                    .hasMessage("rollouts want environments that reset in the same step, not NEXT_STEP");
        }
    }
}
