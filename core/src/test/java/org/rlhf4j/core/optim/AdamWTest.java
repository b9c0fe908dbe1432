package org.rlhf4j.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.checkpoint.CheckpointStore;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.checkpoint.StateWriter;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.TensorAssertions;

class AdamWTest {
    static List<JsonNode> goldenCases() {
        return Golden.cases("optim/adamw", "cases");
    }

    @ParameterizedTest
    @MethodSource("goldenCases")
    void equalsTorchForTwentySteps(JsonNode golden) {
        for (JsonNode tensor : golden.get("tensors")) {
            Torch.run(() -> compare(golden, tensor));
        }
    }

    /** One optimizer a tensor, because each has a decay of its own. */
    private static void compare(JsonNode golden, JsonNode tensor) {
        String name = tensor.get("name").textValue();
        AdamW.Settings settings = new AdamW.Settings(
                golden.get("betas").get(0).doubleValue(),
                golden.get("betas").get(1).doubleValue(),
                golden.get("eps").doubleValue(),
                tensor.get("weight_decay").doubleValue());
        Shape shape = new Shape(StreamSupport.stream(tensor.get("shape").spliterator(), false)
                .mapToLong(JsonNode::longValue)
                .toArray());
        try (Parameters parameters = parameters(Map.of(name, Golden.floats(tensor.get("initial"))), shape);
                AdamW adam = new AdamW(parameters, settings, (n, array) -> true)) {
            double[] rates = Golden.doubles(golden.get("learning_rates"));
            for (int step = 0; step < rates.length; step++) {
                double rate = rates[step];
                float[] gradient =
                        Golden.floats(golden.get("gradients").get(step).get(name));
                Scope.run(() -> adam.update(rate, List.of(HostCopy.create(Torch.manager(), shape, gradient))));
                double[] expected =
                        Golden.doubles(golden.get("expected_float64").get(step).get(name));
                TensorAssertions.assertClose(parameters.get(name), shape, expected, 1e-6, 1e-6);
            }
            assertThat(adam.steps()).isEqualTo(20);
            JsonNode moments = golden.get("moments_float64").get(name);
            moments.properties().forEach(moment -> {
                float[] actual = Objects.requireNonNull(adam.arrays().get(name + "." + moment.getKey()))
                        .toFloatArray();
                TensorAssertions.assertClose(actual, Golden.doubles(moment.getValue()), 1e-12, 1e-5);
            });
        }
    }

    @Test
    void theFirstStepOfATinyGradientFollowsTorchsEpsilon() {
        // g = eps = 1e-8: m/c1 = g, sqrt(v/c2) = g, so w moves by rate * g / (g + eps) = rate / 2; an epsilon inside
        // the
        // bias correction would give about rate * 0.03.
        Torch.run(() -> {
            try (Parameters p = parameters(Map.of("w", new float[] {1}), new Shape(1));
                    AdamW adam = new AdamW(p, AdamW.Settings.DEFAULT)) {
                Scope.run(() ->
                        adam.update(0.5, List.of(HostCopy.create(Torch.manager(), new Shape(1), new float[] {1e-8f}))));
                assertThat(p.get("w").toFloatArray()[0]).isCloseTo(0.75f, within(1e-5f));
            }
        });
    }

    @Test
    void onlyMatricesDecayUnlessTold() {
        // Without a gradient only decay moves a weight: w (1 - rate * decay) = 2 * (1 - 0.1 * 0.5) = 1.9.
        Torch.run(() -> {
            Parameters p = new Parameters();
            p.put("matrix", HostCopy.create(p.manager(), new Shape(1, 1), new float[] {2}));
            p.put("norm", HostCopy.create(p.manager(), new Shape(1), new float[] {2}));
            p.setAllTrainable(true);
            AdamW.Settings settings = new AdamW.Settings(0.9, 0.999, 1e-8, 0.5);
            try (p;
                    AdamW byDefault = new AdamW(p, settings);
                    AdamW onlyNorms = new AdamW(p, settings, (name, array) -> name.equals("norm"))) {
                Scope.run(() -> byDefault.update(0.1, zeros(p)));
                assertThat(p.get("matrix").toFloatArray()).containsExactly(1.9f);
                assertThat(p.get("norm").toFloatArray()).containsExactly(2f);
                Scope.run(() -> onlyNorms.update(0.1, zeros(p)));
                assertThat(p.get("matrix").toFloatArray()).containsExactly(1.9f);
                assertThat(p.get("norm").toFloatArray()).containsExactly(1.9f);
            }
        });
    }

    private static List<NDArray> zeros(Parameters p) {
        return p.names().stream().map(name -> p.get(name).zerosLike()).toList();
    }

    @Test
    void aRestoredOptimizerContinuesToTheBit(@TempDir Path directory) throws IOException {
        Torch.run(() -> {
            float[] start = {1, -2, 3};
            Shape shape = new Shape(3);
            try (Parameters straight = parameters(Map.of("w", start), shape);
                    AdamW adam = new AdamW(straight, AdamW.Settings.DEFAULT)) {
                steps(adam, straight, 1, 3);
                StateReader saved = saved(adam, directory.resolve("saved"));
                try (Parameters resumed = straight.copy()) {
                    resumed.setAllTrainable(true);
                    try (AdamW again = new AdamW(resumed, AdamW.Settings.DEFAULT)) {
                        again.restoreFrom(saved);
                        steps(again, resumed, 4, 6);
                        steps(adam, straight, 4, 6);
                        assertThat(resumed.get("w").toFloatArray())
                                .isEqualTo(straight.get("w").toFloatArray());
                        assertThat(again.steps()).isEqualTo(6);
                    }
                }
            }
        });
    }

    private static void steps(AdamW adam, Parameters p, int from, int to) {
        for (int step = from; step <= to; step++) {
            float[] gradient = {0.1f * step, -step, 1f / step};
            Scope.run(() -> adam.update(0.01, List.of(HostCopy.create(p.manager(), new Shape(3), gradient))));
        }
    }

    @Test
    void stateOfOtherParametersIsRefused(@TempDir Path directory) throws IOException {
        Torch.run(() -> {
            try (Parameters p = parameters(Map.of("w", new float[] {1}), new Shape(1));
                    Parameters wider = parameters(Map.of("w", new float[] {1, 2}), new Shape(2));
                    Parameters other = parameters(Map.of("v", new float[] {1}), new Shape(1));
                    AdamW adam = new AdamW(p, AdamW.Settings.DEFAULT)) {
                StateReader saved = saved(adam, directory.resolve("saved"));
                String file = directory.resolve("saved/moments.safetensors").toString();
                try (AdamW of = new AdamW(wider, AdamW.Settings.DEFAULT)) {
                    assertThatThrownBy(() -> of.restoreFrom(saved))
                            .hasMessage(file + ": holds \"w.exp_avg\" of shape [1], but this run's has [2]");
                }
                try (AdamW of = new AdamW(other, AdamW.Settings.DEFAULT)) {
                    assertThatThrownBy(() -> of.restoreFrom(saved))
                            .hasMessage(file + ": holds \"w.exp_avg\", which this run has not");
                    assertThat(of.steps()).isZero();
                }
            }
        });
    }

    private static StateReader saved(AdamW adam, Path directory) throws IOException {
        StateWriter state = new StateWriter();
        adam.saveTo(state);
        CheckpointStore.write(Storage.disk(), directory, adam.steps(), state, List.of());
        return CheckpointStore.open(directory);
    }

    @Test
    void settingsOutOfRangeAreRefusedByName() {
        assertThatThrownBy(() -> new AdamW.Settings(1, 0.9, 1e-8, 0)).hasMessageContaining("beta1 is 1.0");
        assertThatThrownBy(() -> new AdamW.Settings(0, -0.1, 1e-8, 0)).hasMessageContaining("beta2 is -0.1");
        assertThatThrownBy(() -> new AdamW.Settings(0, 0, 0, 0)).hasMessageContaining("epsilon is 0.0");
        assertThatThrownBy(() -> new AdamW.Settings(0, 0, 1e-8, Double.NaN)).hasMessageContaining("weightDecay is NaN");
    }

    private static Parameters parameters(Map<String, float[]> values, Shape shape) {
        Parameters parameters = new Parameters();
        new LinkedHashMap<>(values)
                .forEach((name, v) -> parameters.put(name, HostCopy.create(parameters.manager(), shape, v)));
        parameters.setAllTrainable(true);
        return parameters;
    }
}
