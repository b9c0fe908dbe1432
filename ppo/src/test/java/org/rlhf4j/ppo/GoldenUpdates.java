package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.testing.Golden;

/** The golden updates of {@code ppo/update.json}, for whichever actor and critic learn from them. */
public final class GoldenUpdates {
    /** How close figures and weights have to be. */
    public static final double CLOSE = 1e-6;

    private GoldenUpdates() {}

    /** The cases. */
    public static List<JsonNode> cases() {
        return Golden.cases("ppo/update", "cases");
    }

    /** What the cases of one kind of actions share: weights, observations, actions and what is known of them. */
    public static JsonNode numbers(JsonNode golden) {
        return Golden.json("ppo/update").get("kinds").get(golden.get("kind").textValue());
    }

    /** What is learned from. */
    public static Experience experience(JsonNode numbers) {
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

    /** The settings of a case. */
    public static PpoConfig config(JsonNode golden) {
        JsonNode valueClip = golden.get("value_clip_range");
        return new PpoConfig(
                0.99,
                0.95,
                1,
                1,
                0,
                false,
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
                        golden.get("epsilon").doubleValue(),
                        0));
    }

    /** A figure of a case to 1e-6, relative where it is above 1. */
    public static void assertFigure(double actual, JsonNode expected, String name) {
        double wanted = expected.get(name).doubleValue();
        assertThat(actual).as(name).isCloseTo(wanted, within(CLOSE * Math.max(1, Math.abs(wanted))));
    }
}
