package org.rlhf4j.ppo.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.registry.Environments;
import org.rlhf4j.control.wrap.Wrapper;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.testing.Leaks;

class ControlTrainerTest {
    private static final List<String> SMALL = List.of(
            "numEnvs=4",
            "numSteps=32",
            "totalSteps=500",
            "ppo.numMinibatches=4",
            "ppo.updateEpochs=2",
            "normalizeObservations=true",
            "normalizeRewards=true",
            "policy.hiddenSizes=[16, 16]");

    private static ControlConfig config(String env, List<String> settings) {
        return ConfigReader.of(ControlConfig.defaults(env)).overrides(settings).read();
    }

    private static <A> ControlTrainer<A> trainer(ControlConfig config, Class<A> actions) {
        return new ControlTrainer<>(config, () -> Environments.make(config.env(), actions));
    }

    @Test
    void theSameSeedGivesTheSameFiguresAndPolicy() {
        for (String env : Environments.ids()) {
            List<Map<String, Double>> first = figures(env, "seed=3");
            assertThat(first).hasSize(4);
            assertThat(figures(env, "seed=3")).as(env).isEqualTo(first);
            assertThat(figures(env, "seed=4")).as(env).isNotEqualTo(first);
        }
    }

    private static List<Map<String, Double>> figures(String env, String seed) {
        List<String> settings = new ArrayList<>(SMALL);
        settings.add(seed);
        List<Map<String, Double>> figures = new ArrayList<>();
        ControlTrainer.of(config(env, settings), ControlTrainerTest.class.getClassLoader())
                .train(RunHooks.NONE.metrics(metrics -> figures.add(metrics.values())));
        return figures;
    }

    @Test
    void theLastRolloutIsFinishedAndProgressIsTold() {
        List<Progress.Step> steps = new ArrayList<>();
        RunHooks hooks = RunHooks.NONE.progress(new Progress() {
            @Override
            public void step(Progress.Step step) {
                steps.add(step);
            }
        });
        ControlResult<Integer> result =
                trainer(config("CartPole-v1", SMALL), Integer.class).train(hooks);
        assertThat(result.steps()).isEqualTo(512);
        assertThat(result.interrupted()).isFalse();
        assertThat(result.episodes()).isPositive();
        assertThat(result.metrics().get("losses/first_ratio_deviation")).isLessThan(1e-5);
        assertThat(result.metrics()).containsKeys("charts/episodic_return", "losses/approx_kl", "losses/entropy");
        assertThat(steps).extracting(Progress.Step::step).containsExactly(128L, 256L, 384L, 512L);
        assertThat(steps).extracting(Progress.Step::totalSteps).containsOnly(512L);
    }

    @Test
    void aRunThatIsStoppedKeepsThePolicyOfTheLastUpdate() {
        int[] asked = new int[1];
        ControlResult<Integer> result = trainer(config("CartPole-v1", SMALL), Integer.class)
                .train(RunHooks.NONE.stopWhen(() -> asked[0]++ == 2));
        assertThat(result.interrupted()).isTrue();
        assertThat(result.steps()).isEqualTo(256);
        List<String> half = new ArrayList<>(SMALL);
        half.add("totalSteps=256");
        assertThat(result.metrics())
                .isEqualTo(trainer(config("CartPole-v1", half), Integer.class)
                        .train()
                        .metrics());
    }

    @Test
    void environmentsAreClosedAndNoArrayStays() {
        int[] open = new int[1];
        ControlTrainer<Integer> trainer = new ControlTrainer<>(config("CartPole-v1", SMALL), () -> {
            open[0]++;
            return new Closing(Environments.make("CartPole-v1", Integer.class), open);
        });
        trainer.train();
        assertThat(open[0]).isZero();
        Leaks.assertNone(Torch.manager(), 1, 3, trainer::train);
    }

    @Test
    void anEnvironmentThatFailsLeavesNothingOpen() {
        int[] open = new int[1];
        ControlTrainer<Integer> trainer = new ControlTrainer<>(config("CartPole-v1", SMALL), () -> {
            open[0]++;
            return new Closing(new Failing(Environments.make("CartPole-v1", Integer.class), new int[1]), open);
        });
        // The first run leaves what the engine makes on first use.
        assertThatThrownBy(trainer::train).hasMessage("worn out");
        int arrays = Leaks.count(Torch.manager());
        assertThatThrownBy(trainer::train).hasMessage("worn out");
        assertThat(open[0]).isZero();
        assertThat(Leaks.count(Torch.manager())).isEqualTo(arrays);
    }

    /** Counts itself out when it is closed. */
    @SuppressWarnings("ArrayRecordComponent") // a shared counter
    private record Closing(Environment<Integer> inner, int[] open) implements Wrapper<Integer> {
        @Override
        public void close() {
            open[0]--;
        }
    }

    /** Fails at its fortieth step. */
    @SuppressWarnings("ArrayRecordComponent") // what changes
    private record Failing(Environment<Integer> inner, int[] steps) implements Wrapper<Integer> {
        @Override
        public Environment.Step step(Integer action) {
            if (++steps[0] == 40) {
                throw new IllegalStateException("worn out");
            }
            return inner.step(action);
        }
    }

    @Test
    void anUnknownEnvironmentIsRefusedWithTheNearestName() {
        assertThatThrownBy(() ->
                        ControlTrainer.of(config("CartPole-v2", SMALL), ControlTrainerTest.class.getClassLoader()))
                .hasMessageContaining("CartPole-v1");
    }

    @Test
    void cartPoleIsLearned() {
        // A setting with which six of six seeds got 500; a random policy gets 23.
        ControlConfig config = config(
                "CartPole-v1",
                List.of(
                        "numEnvs=8",
                        "numSteps=128",
                        "totalSteps=50000",
                        "seed=21",
                        "ppo.gaeLambda=0.9",
                        "ppo.numMinibatches=8",
                        "ppo.optimizer.learningRate=1e-3",
                        "ppo.optimizer.schedule=linear"));
        ControlPolicy<Integer> policy = trainer(config, Integer.class).train().policy();
        try (Environment<Integer> environment = Environments.make("CartPole-v1", Integer.class)) {
            assertThat(ControlEvaluation.deterministic(policy, environment, 20, 1_000_000)
                            .mean())
                    .isGreaterThan(400);
        }
    }
}
