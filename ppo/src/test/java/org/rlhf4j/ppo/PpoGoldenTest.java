package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.testing.Golden;

/** Two updates of one mini-batch each, equal to those of Stable-Baselines3's {@code PPO.train} and CleanRL's loop. */
class PpoGoldenTest {
    private static final double CLOSE = 1e-6;

    static List<JsonNode> cases() {
        return Golden.cases("ppo/update", "cases");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void updatesAreThoseOfTheReference(JsonNode golden) {
        JsonNode numbers =
                Golden.json("ppo/update").get("kinds").get(golden.get("kind").textValue());
        GoldenActorCritic.Samples samples = new GoldenActorCritic.Samples(
                GoldenActorCritic.rows(numbers.get("observations")), GoldenActorCritic.rows(numbers.get("actions")));
        Experience experience = experience(numbers);
        try (GoldenActorCritic actorCritic = new GoldenActorCritic(numbers.get("weights"));
                PpoLearner<GoldenActorCritic.Samples> learner = new PpoLearner<>(
                        actorCritic, config(golden), golden.get("updates").size(), 1)) {
            for (JsonNode expected : golden.get("updates")) {
                assertFigures(learner.update(experience, samples), expected);
            }
            assertThat(golden.get("after"))
                    .hasSameSizeAs(actorCritic.parameters().names());
            golden.get("after")
                    .properties()
                    .forEach(entry -> assertClose(
                            actorCritic.weights(entry.getKey()), Golden.doubles(entry.getValue()), CLOSE, 0));
        }
    }

    private static void assertFigures(PpoUpdate update, JsonNode expected) {
        assertThat(update.minibatches()).isEqualTo(1);
        assertFigure(update.policyLoss(), expected, "policy_loss");
        assertFigure(update.valueLoss(), expected, "value_loss");
        assertFigure(update.entropy(), expected, "entropy");
        assertFigure(update.kl3(), expected, "approx_kl");
        assertFigure(update.outsideFraction(), expected, "clipfrac");
        assertFigure(update.explainedVariance(), expected, "explained_variance");
        assertFigure(update.gradNorm(), expected, "grad_norm");
        if (expected.has("old_approx_kl")) {
            assertFigure(update.kl1(), expected, "old_approx_kl");
        }
    }

    private static void assertFigure(double actual, JsonNode expected, String name) {
        double wanted = expected.get(name).doubleValue();
        assertThat(actual).as(name).isCloseTo(wanted, within(CLOSE * Math.max(1, Math.abs(wanted))));
    }

    private static Experience experience(JsonNode numbers) {
        int steps = numbers.get("values").size();
        boolean[][] mask = new boolean[1][steps];
        Arrays.fill(mask[0], true);
        return new Experience(
                        new float[][] {Golden.floats(numbers.get("log_probs"))},
                        new float[][] {Golden.floats(numbers.get("values"))},
                        new float[][] {Golden.floats(numbers.get("advantages"))},
                        new float[][] {Golden.floats(numbers.get("returns"))},
                        mask)
                .flattened();
    }

    private static PpoConfig config(JsonNode golden) {
        JsonNode valueClip = golden.get("value_clip_range");
        return new PpoConfig(
                0.99,
                0.95,
                1,
                1,
                0,
                PpoConfig.AdvantageNormalization.MINIBATCH,
                golden.get("clip_range").doubleValue(),
                false,
                valueClip.isNull() ? null : valueClip.doubleValue(),
                golden.get("value_coef").doubleValue(),
                golden.get("entropy_coef").doubleValue(),
                null,
                new OptimizerConfig(
                        golden.get("learning_rate").doubleValue(),
                        OptimizerConfig.LearningRate.CONSTANT,
                        0,
                        0,
                        0,
                        golden.get("max_grad_norm").doubleValue(),
                        0.9,
                        0.999,
                        golden.get("epsilon").doubleValue()));
    }
}
