package org.rlhf4j.ppo.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlhf4j.ppo.GoldenUpdates.assertFigure;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;
import org.rlhf4j.control.space.Space;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.ppo.GoldenUpdates;
import org.rlhf4j.ppo.PpoLearner;
import org.rlhf4j.ppo.PpoUpdate;
import org.rlhf4j.testing.Golden;

/** The networks and distributions that act, learning as in Stable-Baselines3 and CleanRL: the same figures and weights. */
class ControlUpdatesTest {
    static List<JsonNode> cases() {
        return GoldenUpdates.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void updatesAreThoseOfTheReference(JsonNode golden) {
        String kind = golden.get("kind").textValue();
        JsonNode numbers = GoldenUpdates.numbers(golden);
        if (kind.equals("gaussian")) {
            update(new Box(-1, 1, 2), new Exploration.Gaussian(0), numbers, golden);
        } else {
            update(new Discrete(2), null, numbers, golden);
        }
    }

    private static <A> void update(
            Space<A> actions, @Nullable Exploration exploration, JsonNode numbers, JsonNode golden) {
        Box observations = new Box(-10, 10, 3);
        PolicyConfig policy = new PolicyConfig(List.of(8, 8), exploration);
        NDManager manager = Torch.call(() -> Torch.manager().newSubManager());
        try (ControlActorCritic<A> actorCritic =
                new ControlActorCritic<>(observations, actions, policy, SeededStream.of(1))) {
            Torch.run(() -> weights(numbers.get("weights"))
                    .forEach((name, values) ->
                            HostCopy.write(actorCritic.parameters().get(name), Golden.floats(values))));
            ControlActorCritic.Samples samples = Torch.call(() -> new ControlActorCritic.Samples(
                    array(manager, numbers.get("observations")), array(manager, numbers.get("actions"))));
            try (PpoLearner<ControlActorCritic.Samples> learner =
                    new PpoLearner<>(actorCritic, GoldenUpdates.config(golden), 2, 1)) {
                for (JsonNode expected : golden.get("updates")) {
                    PpoUpdate update = learner.update(GoldenUpdates.experience(numbers), samples);
                    assertFigure(update.policyLoss(), expected, "policy_loss");
                    assertFigure(update.valueLoss(), expected, "value_loss");
                    assertFigure(update.entropy(), expected, "entropy");
                    assertFigure(update.ratios().kl3(), expected, "approx_kl");
                    assertFigure(update.gradNorm(), expected, "grad_norm");
                }
            }
            Weights after = Weights.of(actorCritic.parameters());
            Map<String, JsonNode> expected = weights(golden.get("after"));
            assertThat(after.names()).isEqualTo(expected.keySet());
            expected.forEach((name, values) ->
                    assertClose(after.tensor(name).values(), Golden.doubles(values), GoldenUpdates.CLOSE, 0));
        } finally {
            Torch.run(manager::close);
        }
    }

    /** By our names: the golden ones count the layers between as well. */
    private static Map<String, JsonNode> weights(JsonNode golden) {
        Map<String, JsonNode> weights = new LinkedHashMap<>();
        golden.properties().forEach(entry -> {
            String name = entry.getKey().replace(".2.", ".1.").replace(".4.", ".2.");
            weights.put(name.equals("logstd") ? GaussianHead.LOG_STD : name, entry.getValue());
        });
        return weights;
    }

    private static NDArray array(NDManager manager, JsonNode rows) {
        float[] values = Golden.floats(rows);
        return HostCopy.create(manager, new Shape(rows.size(), values.length / rows.size()), values);
    }
}
