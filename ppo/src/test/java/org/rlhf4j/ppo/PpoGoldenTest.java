package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlhf4j.ppo.GoldenUpdates.assertFigure;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.testing.Golden;

/** Two updates of one mini-batch each, equal to those of Stable-Baselines3's {@code PPO.train} and CleanRL's loop. */
class PpoGoldenTest {
    static List<JsonNode> cases() {
        return GoldenUpdates.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void updatesAreThoseOfTheReference(JsonNode golden) {
        JsonNode numbers = GoldenUpdates.numbers(golden);
        GoldenActorCritic.Samples samples = new GoldenActorCritic.Samples(
                GoldenActorCritic.rows(numbers.get("observations")), GoldenActorCritic.rows(numbers.get("actions")));
        Experience experience = GoldenUpdates.experience(numbers);
        try (GoldenActorCritic actorCritic = new GoldenActorCritic(numbers.get("weights"));
                PpoLearner<GoldenActorCritic.Samples> learner = new PpoLearner<>(
                        actorCritic,
                        GoldenUpdates.config(golden),
                        golden.get("updates").size(),
                        1)) {
            for (JsonNode expected : golden.get("updates")) {
                assertFigures(learner.update(experience, samples), expected);
            }
            assertThat(golden.get("after"))
                    .hasSameSizeAs(actorCritic.parameters().names());
            golden.get("after")
                    .properties()
                    .forEach(entry -> assertClose(
                            actorCritic.weights(entry.getKey()),
                            Golden.doubles(entry.getValue()),
                            GoldenUpdates.CLOSE,
                            0));
        }
    }

    private static void assertFigures(PpoUpdate update, JsonNode expected) {
        assertThat(update.minibatches()).isEqualTo(1);
        assertFigure(update.policyLoss(), expected, "policy_loss");
        assertFigure(update.valueLoss(), expected, "value_loss");
        assertFigure(update.entropy(), expected, "entropy");
        assertFigure(update.ratios().kl3(), expected, "approx_kl");
        assertFigure(update.ratios().outside(), expected, "clipfrac");
        assertFigure(update.explainedVariance(), expected, "explained_variance");
        assertFigure(update.gradNorm(), expected, "grad_norm");
        if (expected.has("old_approx_kl")) {
            assertFigure(update.ratios().kl1(), expected, "old_approx_kl");
        }
    }
}
