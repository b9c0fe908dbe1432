package org.rlhf4j.ppo.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.registry.Environments;
import org.rlhf4j.control.wrap.Wrapper;
import org.rlhf4j.core.checkpoint.CheckpointHook;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.ppo.Checkpoints;

/** A run that was broken off and goes on ends as if it had not been. */
class ControlResumeTest {
    private static final int ROLLOUTS = 5;
    private static final int ROLLOUT = 3 * 24;
    private static final String NORMALIZED = "normalizeObservations=true;normalizeRewards=true;";

    @TempDir
    private Path folder;

    /** What a run left: the figures of each rollout that it made itself, and how it ended. */
    private record Left(List<Map<String, Double>> figures, ControlResult<?> result, List<String> notes) {
        void assertEndsAs(Left whole) {
            assertThat(figures)
                    .isEqualTo(whole.figures.subList(whole.figures.size() - figures.size(), whole.figures.size()));
            assertThat(result.metrics()).isEqualTo(whole.result.metrics());
            assertThat(result.steps()).isEqualTo(whole.result.steps());
            assertThat(result.episodes()).isEqualTo(whole.result.episodes());
            assertThat(result.policy().statistics())
                    .isEqualTo(whole.result.policy().statistics());
            for (String name : whole.result.policy().weights().names()) {
                assertThat(result.policy().weights().tensor(name).values())
                        .as(name)
                        .isEqualTo(whole.result.policy().weights().tensor(name).values());
            }
        }
    }

    private static ControlConfig config(String env, String settings) {
        List<String> all = new ArrayList<>(List.of(
                "numEnvs=3",
                "numSteps=24",
                "totalSteps=" + ROLLOUTS * ROLLOUT,
                "seed=4",
                "ppo.numMinibatches=3",
                "ppo.updateEpochs=2",
                "policy.hiddenSizes=[8, 8]"));
        all.addAll(List.of(settings.split(";", -1)));
        all.removeIf(String::isEmpty);
        return ConfigReader.of(ControlConfig.defaults(env)).overrides(all).read();
    }

    private static <A> Left train(
            ControlConfig config, CheckpointHook checkpoints, long stopAt, UnaryOperator<Environment<A>> around) {
        List<Map<String, Double>> figures = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        long[] at = new long[1];
        Progress progress = new Progress() {
            @Override
            public void warned(long step, String text) {
                notes.add(text);
            }
        };
        RunHooks hooks = RunHooks.NONE
                .progress(progress)
                .metrics(logged -> {
                    figures.add(logged.values());
                    at[0] = logged.step();
                })
                .stopWhen(() -> at[0] >= stopAt)
                .checkpoints(checkpoints);
        @SuppressWarnings("unchecked") // a policy for this environment's own space
        ControlTrainer<A> trainer =
                new ControlTrainer<>(config, () -> around.apply((Environment<A>) Environments.make(config.env())));
        return new Left(figures, trainer.train(hooks), notes);
    }

    private static Left train(ControlConfig config, CheckpointHook checkpoints) {
        return train(config, checkpoints, Long.MAX_VALUE, UnaryOperator.identity());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CartPole-v1;" + NORMALIZED + "ppo.optimizer.schedule=linear;ppo.annealClipRange=true",
                "Acrobot-v1;numEnvs=1;numSteps=72;ppo.optimizer.schedule=cosine;ppo.optimizer.warmupSteps=2",
                "CartPole-v1;ppo.targetKl=1e-4;ppo.optimizer.learningRate=1e-2",
                "Pendulum-v1;" + NORMALIZED + "policy.exploration.type=gaussian;policy.exploration.initialLogStd=0",
                "Pendulum-v1;normalizeRewards=true;policy.exploration.type=state-dependent"
                        + ";policy.exploration.sampleFrequency=5;policy.exploration.initialLogStd=-1;ppo.optimizer.weightDecay=0.1",
                "MountainCarContinuous-v0;normalizeObservations=true;ppo.advantageNormalization=batch",
                "MountainCar-v0;ppo.entropyCoef=0.01;ppo.valueClipRange=0.2"
            })
    void goingOnFromAnyCheckpointGivesTheSameFiguresAndThePolicyToTheByte(String settings) {
        int cut = settings.indexOf(';');
        ControlConfig config = config(settings.substring(0, cut), settings.substring(cut + 1));
        Checkpoints checkpoints = new Checkpoints(folder.resolve("run"));
        Left whole = train(config, checkpoints);
        assertThat(whole.figures).hasSize(ROLLOUTS);
        if (config.ppo().targetKl() != null) {
            assertThat(whole.figures)
                    .anySatisfy(figures ->
                            assertThat(figures.get("losses/minibatches")).isLessThan(6));
        }
        assertThat(checkpoints.steps())
                .containsExactlyElementsOf(LongStream.rangeClosed(1, ROLLOUTS)
                        .mapToObj(rollout -> rollout * ROLLOUT)
                        .toList());
        for (int made = 1; made <= ROLLOUTS; made++) {
            Left rest = train(config, checkpoints.from(made * (long) ROLLOUT));
            assertThat(rest.figures).as("after %d rollouts", made).hasSize(ROLLOUTS - made);
            assertThat(rest.notes).isEmpty();
            rest.assertEndsAs(whole);
        }
    }

    @Test
    void aRunThatIsStoppedAfterEveryRolloutEndsTheSame() {
        ControlConfig config = config("CartPole-v1", NORMALIZED);
        Left whole = train(config, CheckpointHook.NONE);
        CheckpointHook next = CheckpointHook.NONE;
        for (int made = 1; made < ROLLOUTS; made++) {
            Checkpoints own = new Checkpoints(folder.resolve("part-" + made));
            Left part = train(config, own.onwardFrom(next), made * (long) ROLLOUT, UnaryOperator.identity());
            assertThat(part.result.interrupted()).isTrue();
            assertThat(part.result.steps()).isEqualTo(made * (long) ROLLOUT);
            next = own.from(made * (long) ROLLOUT);
        }
        train(config, next).assertEndsAs(whole);
    }

    /** Fails at one of the steps of all environments together, but only once. */
    @SuppressWarnings("ArrayRecordComponent") // a shared counter
    private record Failing<A>(Environment<A> inner, int[] left) implements Wrapper<A> {
        @Override
        public Step step(A action) {
            if (--left[0] == 0) {
                throw new IllegalStateException("worn out");
            }
            return inner.step(action);
        }

        @Override
        public Optional<ObjectNode> saved() {
            return inner.saved();
        }

        @Override
        public void restore(JsonFields saved) {
            inner.restore(saved);
        }
    }

    @Test
    void aRolloutThatBrokeOffIsMadeAgain() {
        ControlConfig config = config("CartPole-v1", NORMALIZED);
        Left whole = train(config, CheckpointHook.NONE);
        Checkpoints checkpoints = new Checkpoints(folder.resolve("run"));
        int[] left = {3 * ROLLOUT - 1};
        UnaryOperator<Environment<Integer>> failing = inner -> new Failing<>(inner, left);
        assertThatThrownBy(() -> train(config, checkpoints, Long.MAX_VALUE, failing))
                .hasMessage("worn out");
        assertThat(checkpoints.steps()).containsExactly((long) ROLLOUT, 2L * ROLLOUT);
        train(config, checkpoints.from(2L * ROLLOUT), Long.MAX_VALUE, failing).assertEndsAs(whole);
    }

    /** A user's, who did not say how it is saved. */
    private record Unsaved<A>(Environment<A> inner) implements Wrapper<A> {}

    @Test
    void anEnvironmentThatCannotBeSavedBeginsItsEpisodesAnewAndThatIsSaid() {
        ControlConfig config = config("CartPole-v1", NORMALIZED);
        Checkpoints checkpoints = new Checkpoints(folder.resolve("run"));
        Left whole = train(config, checkpoints, Long.MAX_VALUE, Unsaved<Object>::new);
        assertThat(whole.notes)
                .as("once")
                .containsExactly(
                        "CartPole-v1 does not say how it is saved: a run that is resumed begins its episodes anew"
                                + " and differs from one that is not interrupted");
        train(config, CheckpointHook.NONE).assertEndsAs(whole);

        CheckpointHook third = checkpoints.from(3L * ROLLOUT);
        Left rest = train(config, third, Long.MAX_VALUE, Unsaved<Object>::new);
        assertThat(rest.notes)
                .contains(
                        "CartPole-v1 was not saved: its episodes begin anew, so the result differs from that of a run that"
                                + " is not interrupted");
        assertThat(rest.figures).hasSize(2);
        assertThat(rest.result.metrics()).isNotEqualTo(whole.result.metrics());
        // What was found out about the environment is not lost, and the same rest comes out again.
        double episodes = whole.figures.get(2).getOrDefault("charts/episodes", Double.NaN);
        assertThat(rest.figures.get(0))
                .hasEntrySatisfying(
                        "charts/episodes", count -> assertThat(count).isGreaterThan(episodes));
        assertThat(Objects.requireNonNull(rest.result.policy().statistics()).count())
                .isGreaterThan(5 * ROLLOUT)
                .isLessThan(5 * ROLLOUT + 10);
        train(config, third, Long.MAX_VALUE, Unsaved<Object>::new).assertEndsAs(rest);
    }

    @Test
    void theStateOfAnotherRunIsRefused() {
        Checkpoints checkpoints = new Checkpoints(folder.resolve("run"));
        train(config("CartPole-v1", ""), checkpoints);
        CheckpointHook first = checkpoints.from(ROLLOUT);
        assertThatThrownBy(() -> train(config("CartPole-v1", "policy.hiddenSizes=[9, 8]"), first))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("model-weights.safetensors")
                .hasMessageContaining("holds \"actor.0.bias\" of shape [8], but this run's has [9]");
        assertThatThrownBy(() -> train(config("CartPole-v1", "numEnvs=4"), first))
                .isInstanceOf(DataFormatException.class)
                .hasMessageEndingWith("state.json: there are observations of 3 environments, but this run has 4");
        assertThatThrownBy(() -> train(config("CartPole-v1", "normalizeRewards=true"), first))
                .isInstanceOf(DataFormatException.class)
                .hasMessageContaining("statistics\" is missing");
    }
}
