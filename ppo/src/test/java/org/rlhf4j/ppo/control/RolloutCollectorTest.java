package org.rlhf4j.ppo.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
