package org.rlhf4j.ppo.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;

/** Detail 2 of the 37: orthogonal weights of given gains, biases of 0. */
class ControlInitialisationTest {
    private static final Box OBSERVATIONS = new Box(-1, 1, 4);

    @Test
    void eachLayerIsOrthogonalWithItsGain() {
        Weights weights = fresh(3);
        for (String network : List.of("actor", "critic")) {
            int outputs = network.equals("actor") ? 3 : 1;
            double head = network.equals("actor") ? 0.01 : 1;
            assertOrthogonal(weights.get(network + ".0.weight", 64, 4), 64, 4, Math.sqrt(2));
            assertOrthogonal(weights.get(network + ".1.weight", 64, 64), 64, 64, Math.sqrt(2));
            assertOrthogonal(weights.get(network + ".2.weight", outputs, 64), outputs, 64, head);
            for (int layer = 0; layer < 3; layer++) {
                assertThat(weights.tensor(network + "." + layer + ".bias").values())
                        .containsOnly(0);
            }
        }
    }

    @Test
    void networksShareNothingAndSeedsDiffer() {
        Weights weights = fresh(3);
        assertThat(weights.get("actor.1.weight", 64, 64)).isNotEqualTo(weights.get("critic.1.weight", 64, 64));
        assertThat(fresh(3).get("actor.1.weight", 64, 64)).isEqualTo(weights.get("actor.1.weight", 64, 64));
        assertThat(fresh(4).get("actor.1.weight", 64, 64)).isNotEqualTo(weights.get("actor.1.weight", 64, 64));
    }

    @Test
    void theDeviationStartsWhereTheSettingsSay() {
        PolicyConfig policy = new PolicyConfig(List.of(8), new Exploration.Gaussian(-0.5));
        try (ControlActorCritic<float[]> actorCritic =
                new ControlActorCritic<>(OBSERVATIONS, new Box(-2, 2, 3), policy, SeededStream.of(1))) {
            assertThat(Weights.of(actorCritic.parameters()).get(GaussianHead.LOG_STD, 3))
                    .containsExactly(-0.5f, -0.5f, -0.5f);
        }
    }

    private static Weights fresh(long seed) {
        try (ControlActorCritic<Integer> actorCritic =
                new ControlActorCritic<>(OBSERVATIONS, new Discrete(3), PolicyConfig.DEFAULT, SeededStream.of(seed))) {
            return Weights.of(actorCritic.parameters());
        }
    }

    /** Rows or columns, whichever are fewer, are of length gain and at right angles. */
    private static void assertOrthogonal(float[] values, int rows, int columns, double gain) {
        boolean wide = columns > rows;
        int vectors = wide ? rows : columns;
        int length = wide ? columns : rows;
        for (int a = 0; a < vectors; a++) {
            for (int b = a; b < vectors; b++) {
                double product = 0;
                for (int i = 0; i < length; i++) {
                    product += (double) (wide ? values[a * columns + i] : values[i * columns + a])
                            * (wide ? values[b * columns + i] : values[i * columns + b]);
                }
                assertThat(product).isCloseTo(a == b ? gain * gain : 0, within(1e-5));
            }
        }
    }
}
