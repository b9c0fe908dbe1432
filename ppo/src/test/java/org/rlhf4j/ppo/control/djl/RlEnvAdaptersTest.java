package org.rlhf4j.ppo.control.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.modality.rl.LruReplayBuffer;
import ai.djl.modality.rl.agent.RlAgent;
import ai.djl.modality.rl.env.RlEnv;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.registry.Environments;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.testing.Leaks;

class RlEnvAdaptersTest {
    private static final EnvironmentSpec CORRIDOR = new EnvironmentSpec("Corridor", null, 1.0);

    @Test
    void cartPoleAsRlEnvIsCartPole() {
        try (Environment<Integer> ours = cartPole();
                RlEnv theirs = new EnvironmentAsRlEnv(cartPole(), 3L, new LruReplayBuffer(2, 10))) {
            theirs.reset();
            float[] before = ours.reset(3).observation();
            for (int t = 0; t < 30; t++) {
                int action = before[2] > 0 ? 1 : 0;
                Environment.Step expected = ours.step(action);
                float[] seen = before;
                Torch.run(() -> {
                    assertThat(floats(theirs.getObservation())).containsExactly(seen);
                    NDList chosen = theirs.getActionSpace().get(action);
                    RlEnv.Step step = theirs.step(chosen, false);
                    assertThat(floats(step.getPreObservation())).containsExactly(seen);
                    assertThat(step.getAction().singletonOrThrow().getInt()).isEqualTo(action);
                    assertThat(floats(step.getPostObservation())).containsExactly(expected.observation());
                    assertThat(step.getReward().getFloat()).isEqualTo((float) expected.reward());
                    assertThat(step.isDone()).isEqualTo(expected.done());
                    assertThat(step.getPostActionSpace()).hasSize(2);
                });
                if (expected.done()) {
                    return;
                }
                before = expected.observation();
            }
        }
    }

    @Test
    void anAgentOfDjlRunsAnEpisodeAndLearnsFromTheReplayBuffer() {
        RlAgent pushesAgainstTheFall = new RlAgent() {
            @Override
            public NDList chooseAction(RlEnv env, boolean training) {
                float[] observation = floats(env.getObservation());
                return env.getActionSpace().get(observation[2] + 0.5f * observation[3] > 0 ? 1 : 0);
            }

            @Override
            public void trainBatch(RlEnv.Step[] batchSteps) {}
        };
        try (RlEnv env = new EnvironmentAsRlEnv(cartPole(), 0L, new LruReplayBuffer(4, 8))) {
            // The balance that control.md's one-line policy keeps until the time limit.
            assertThat(Torch.<Float, RuntimeException>call(() -> env.runEnvironment(pushesAgainstTheFall, true)))
                    .isEqualTo(500f);
            RlEnv.Step[] batch = Torch.call(env::getBatch);
            assertThat(batch).hasSize(4);
            Torch.run(() -> {
                for (RlEnv.Step step : batch) {
                    assertThat(floats(step.getPreObservation())).hasSize(4);
                }
            });
        }
    }

    @Test
    void onlyTheReplayBufferKeepsArrays() {
        int before = Torch.call(() -> Leaks.count(Torch.manager()));
        try (RlEnv env = new EnvironmentAsRlEnv(cartPole(), 0L, new LruReplayBuffer(1, 4))) {
            Torch.run(() -> {
                int root = Leaks.count(Torch.manager());
                env.reset();
                List<NDList> seen = new ArrayList<>();
                for (int t = 0; t < 21; t++) {
                    seen.add(env.getObservation());
                    env.step(env.getActionSpace().get(t / 3 % 2), t % 2 == 0);
                }
                // The replay buffer has room for four steps of four arrays.
                assertThat(Leaks.count(Torch.manager())).isEqualTo(root + 16);
                assertThat(seen).allMatch(list -> list.singletonOrThrow().isReleased());
            });
        }
        assertThat(Torch.<Integer, RuntimeException>call(() -> Leaks.count(Torch.manager())))
                .isEqualTo(before);
    }

    @Test
    void theSeedIsOfTheFirstEpisodeOnly() {
        try (RlEnv env = new EnvironmentAsRlEnv(cartPole(), 7L, new LruReplayBuffer(1, 1))) {
            assertThatThrownBy(env::getObservation)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("call reset() first");
            env.reset();
            float[] first = Torch.call(() -> floats(env.getObservation()));
            env.reset();
            float[] second = Torch.call(() -> floats(env.getObservation()));
            assertThat(first).containsExactly(cartPole().reset(7).observation());
            assertThat(second).isNotEqualTo(first);
        }
    }

    @Test
    void aUsersRlEnvIsDrivenThroughOurInterface() {
        List<Corridor> made = new ArrayList<>();
        try (Environment<Integer> env = new RlEnvAsEnvironment(CORRIDOR, seed -> {
            Corridor corridor = new Corridor(seed);
            made.add(corridor);
            return corridor;
        })) {
            assertThat(env.observationSpace().size()).isEqualTo(3);
            assertThat(env.actionSpace().contains(1)).isTrue();
            assertThat(env.actionSpace().contains(2)).isFalse();
            assertThat(env.reset(2).observation()).containsExactly(2, 0.5f, 0.5f);
            assertThat(env.step(0).observation()).containsExactly(1, 0.25f, 0.75f);
            assertThat(env.step(1).reward()).isZero();
            assertThat(env.step(1).done()).isFalse();
            Environment.Step last = env.step(1);
            assertThat(last.observation()).containsExactly(4, 1, 0);
            assertThat(last.reward()).isEqualTo(1);
            assertThat(List.of(last.terminated(), last.truncated())).containsExactly(true, false);
            assertThatThrownBy(() -> env.step(1)).hasMessageContaining("call reset() first");
            // Without a seed it goes on with the same one.
            assertThat(env.reset().observation()).containsExactly(2, 0.5f, 0.5f);
            assertThat(made).hasSize(2);
            assertThat(made.get(0).closed).isTrue();
        }
        assertThat(made.get(1).closed).isTrue();
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Environment<Integer> env = new RlEnvAsEnvironment(CORRIDOR, seed -> {
            Corridor corridor = new Corridor(seed);
            corridor.legalOnly = seed == 1;
            return corridor;
        });
        assertThatThrownBy(() -> env.step(0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> env.reset(-1)).hasMessage("a seed is not negative, got -1");
        assertThatThrownBy(() -> env.reset(null, Map.of("low", 1))).hasMessage("an RlEnv has no options, got [low]");
        env.reset(1);
        assertThatThrownBy(() -> env.step(2)).isInstanceOf(IllegalArgumentException.class);
        env.step(0);
        assertThatThrownBy(() -> env.step(1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("offers 1 actions, and offered 2 at first");
        env.close();
    }

    private static Environment<Integer> cartPole() {
        return Environments.make("CartPole-v1", Integer.class);
    }

    private static float[] floats(NDList list) {
        return list.singletonOrThrow().toFloatArray();
    }
}
