package org.rlhf4j.ppo.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.TanhNetwork;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.ppo.Complete;
import org.rlhf4j.testing.Golden;

class ActionHeadTest {
    private static final JsonNode GOLDEN = Golden.json("ppo/heads");
    private static final int ROWS = 4;
    private static final int LATENT = 5;
    private static final int ACTIONS = 3;
    private static final float[] NO_LATENT = {};
    private static final StateDependentHead SMOOTH =
            new StateDependentHead(ACTIONS, LATENT, new Exploration.StateDependent(0, 1));

    @Test
    void figuresAreThoseOfStableBaselines() {
        assertGolden(new CategoricalHead(ACTIONS, 0), "categorical", "chosen", new Shape(1), "logStd");
        assertGolden(new GaussianHead(ACTIONS, 0), "gaussian", "actions", new Shape(ACTIONS), "logStd");
        assertGolden(SMOOTH, "stateDependent", "actions", new Shape(LATENT, ACTIONS), "logStdMatrix");
    }

    private static void assertGolden(
            ActionHead<?> head, String name, String actions, Shape logStdShape, String logStd) {
        Torch.run(() -> Scope.run(() -> {
            try (Parameters parameters = new Parameters()) {
                NDManager manager = parameters.manager();
                if (!(head instanceof CategoricalHead)) {
                    parameters.put("log_std", HostCopy.create(manager, logStdShape, floats(logStd)));
                }
                ActionHead.Likelihood likelihood = head.likelihood(
                        parameters,
                        new TanhNetwork.Result(
                                HostCopy.create(manager, new Shape(ROWS, LATENT), floats("latent")),
                                HostCopy.create(manager, new Shape(ROWS, ACTIONS), floats("outputs"))),
                        HostCopy.create(manager, new Shape(ROWS, head.width()), floats(actions)));
                JsonNode expected = GOLDEN.get(name);
                Shape column = new Shape(ROWS, 1);
                assertClose(likelihood.logProbs(), column, Golden.doubles(expected.get("logProbs")), 1e-6, 2e-7);
                assertClose(likelihood.entropy(), column, Golden.doubles(expected.get("entropy")), 1e-6, 2e-7);
            }
        }));
    }

    private static float[] floats(String name) {
        return Golden.floats(GOLDEN.get(name));
    }

    @Test
    void actingAndLearningSeeTheSameDistribution() {
        for (PolicyConfig config : List.of(
                new PolicyConfig(List.of(7, 5), null),
                new PolicyConfig(List.of(7, 5), new Exploration.Gaussian(-0.7)),
                new PolicyConfig(List.of(7, 5), new Exploration.StateDependent(-0.7, 4)))) {
            boolean discrete = config.exploration() == null;
            if (discrete) {
                assertSame(new ControlActorCritic<>(space(3), new Discrete(4, 2), config, SeededStream.of(5)));
            } else {
                assertSame(new ControlActorCritic<>(space(3), space(2), config, SeededStream.of(5)));
            }
        }
    }

    private static Box space(int size) {
        return new Box(-1, 1, size);
    }

    private static <A> void assertSame(ControlActorCritic<A> actorCritic) {
        int n = 40;
        int width = actorCritic.head().width();
        float[] observations = new float[n * 3];
        float[] actions = new float[n * width];
        double[] logProbs = new double[n];
        double[] values = new double[n];
        try (actorCritic) {
            Weights weights = Weights.of(actorCritic.parameters());
            Mlp actor = new Mlp(actorCritic.actor(), weights);
            Mlp critic = new Mlp(actorCritic.critic(), weights);
            ActionHead.Acting acting = actorCritic.head().acting(weights);
            SeededStream stream = SeededStream.of(9);
            for (int i = 0; i < n; i++) {
                float[] observation = {
                    (float) stream.nextGaussian(), (float) stream.nextGaussian(), (float) stream.nextGaussian()
                };
                acting.resetNoise(stream.child(i).child("noise"));
                float[] action = new float[width];
                float[] outputs = actor.forward(observation);
                logProbs[i] = acting.sample(actor.latent(), outputs, stream.child(i), action);
                values[i] = critic.forward(observation)[0];
                System.arraycopy(observation, 0, observations, 3 * i, 3);
                System.arraycopy(action, 0, actions, width * i, width);
            }
            int[] rows = new int[n];
            Arrays.setAll(rows, i -> i);
            Torch.run(() -> Tape.evaluate(tape -> {
                NDManager manager = Torch.manager();
                NDArray seen = HostCopy.create(manager, new Shape(n, 3), observations);
                NDArray done = HostCopy.create(manager, new Shape(n, width), actions);
                Complete now =
                        Complete.of(actorCritic.evaluate(new ControlActorCritic.Samples(seen, done), rows, tape));
                assertClose(now.logProbs(), new Shape(n, 1), logProbs, 1e-5, 0);
                assertClose(now.values(), new Shape(n, 1), values, 1e-5, 0);
                return now.values().sum();
            }));
        }
    }

    @Test
    void discreteActionsComeAsOftenAsTheyAreLikely() {
        CategoricalHead head = new CategoricalHead(3, 10);
        ActionHead.Acting acting = head.acting(new Weights(Map.of()));
        float[] logits = {(float) Math.log(0.2), (float) Math.log(0.5), (float) Math.log(0.3)};
        int[] counts = new int[3];
        float[] action = new float[1];
        int draws = 20_000;
        for (int i = 0; i < draws; i++) {
            double logProb = acting.sample(NO_LATENT, logits, SeededStream.of(3, (long) i), action);
            assertThat(logProb).isCloseTo(logits[(int) action[0]], within(1e-6));
            counts[(int) action[0]]++;
        }
        assertThat(counts[0]).isCloseTo((int) (0.2 * draws), within(200));
        assertThat(counts[1]).isCloseTo((int) (0.5 * draws), within(250));
        acting.mode(logits, action);
        assertThat(head.action(action)).isEqualTo(11);
    }

    @Test
    void anImpossibleActionIsNeverDrawn() {
        ActionHead.Acting acting = new CategoricalHead(3, 0).acting(new Weights(Map.of()));
        float[] action = new float[1];
        for (int i = 0; i < 2_000; i++) {
            acting.sample(NO_LATENT, new float[] {-1000, 0, -1000}, SeededStream.of(4, (long) i), action);
            assertThat(action[0]).isEqualTo(1);
        }
    }

    @Test
    void normalActionsHaveTheirMeanAndDeviation() {
        ActionHead.Acting acting = new GaussianHead(1, 0).acting(weights(new Shape(1), (float) Math.log(0.5)));
        double sum = 0;
        double squares = 0;
        float[] action = new float[1];
        int draws = 20_000;
        for (int i = 0; i < draws; i++) {
            acting.sample(NO_LATENT, new float[] {2}, SeededStream.of(6, (long) i), action);
            sum += action[0];
            squares += (action[0] - 2) * (action[0] - 2);
        }
        assertThat(sum / draws).isCloseTo(2, within(0.015));
        assertThat(squares / draws).isCloseTo(0.25, within(0.01));
    }

    @Test
    void smoothNoiseIsAFunctionOfTheStateUntilItIsDrawnAnew() {
        PolicyConfig config = new PolicyConfig(List.of(4, LATENT), new Exploration.StateDependent(0, 8));
        try (ControlActorCritic<float[]> actorCritic =
                new ControlActorCritic<>(space(2), space(ACTIONS), config, SeededStream.of(2))) {
            Weights weights = Weights.of(actorCritic.parameters());
            Mlp actor = new Mlp(actorCritic.actor(), weights);
            ActionHead.Acting acting = actorCritic.head().acting(weights);
            acting.resetNoise(SeededStream.of(1));
            float[] first = sampled(acting, actor, 1);
            assertThat(sampled(acting, actor, 2)).isEqualTo(first);
            acting.resetNoise(SeededStream.of(2));
            assertThat(sampled(acting, actor, 1)).isNotEqualTo(first);
        }
    }

    private static float[] sampled(ActionHead.Acting acting, Mlp actor, long seed) {
        float[] action = new float[ACTIONS];
        float[] outputs = actor.forward(new float[] {0.3f, -0.4f});
        acting.sample(actor.latent(), outputs, SeededStream.of(seed), action);
        return action;
    }

    @Test
    void theDeviationOfSmoothNoiseLeavesTheNetworkAlone() {
        PolicyConfig config = new PolicyConfig(List.of(4, LATENT), new Exploration.StateDependent(0, 8));
        try (ControlActorCritic<float[]> actorCritic =
                new ControlActorCritic<>(space(2), space(ACTIONS), config, SeededStream.of(2))) {
            Torch.run(() -> {
                Parameters parameters = actorCritic.parameters();
                parameters.setAllTrainable(true);
                NDArray seen = HostCopy.create(parameters.manager(), new Shape(1, 2), new float[] {0.3f, -0.4f});
                NDArray done = HostCopy.create(parameters.manager(), new Shape(1, ACTIONS), new float[ACTIONS]);
                var samples = new ControlActorCritic.Samples(seen, done);
                Tape.backward(
                        tape -> Complete.of(actorCritic.evaluate(samples, new int[] {0}, tape))
                                .entropy()
                                .sum(),
                        1,
                        value -> {});
                assertThat(JniUtils.getGradient((PtNDArray) parameters.get("actor.0.weight")))
                        .isNull();
                assertThat(JniUtils.getGradient((PtNDArray) parameters.get("log_std"))
                                .toFloatArray())
                        .doesNotContain(0);
            });
        }
    }

    @Test
    void explorationIsForContinuousActionsOnly() {
        PolicyConfig noisy = new PolicyConfig(List.of(4), new Exploration.Gaussian(0));
        assertThatThrownBy(() -> ActionHead.of(new Discrete(2), noisy))
                .hasMessage("policy.exploration is for continuous actions, but this environment has 2 discrete ones:"
                        + " leave it out");
        assertThat(ActionHead.of(space(3), PolicyConfig.DEFAULT)).isEqualTo(new GaussianHead(3, 0));
    }

    private static Weights weights(Shape shape, float... logStd) {
        Map<String, Weights.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("log_std", new Weights.Tensor(shape, logStd));
        return new Weights(tensors);
    }
}
