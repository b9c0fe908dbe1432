package org.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.Property;

class PairwiseLossTest {
    @Test
    void lossesAndGradientsEqualTheReference() {
        for (JsonNode golden : Golden.cases("loss/reward", "pairs")) {
            double[] chosen = Golden.doubles(golden.get("chosen"));
            double[] rejected = Golden.doubles(golden.get("rejected"));
            int n = chosen.length;
            double[] margins = doubles(golden.get("margin"), n, 0);
            double[] probabilities = doubles(golden.get("probability"), n, 1);
            double[] weights = doubles(golden.get("weight"), n, 1);
            double totalWeight = Arrays.stream(weights).sum();
            PairwiseLoss loss = new PairwiseLoss(
                    golden.get("smoothing").doubleValue(),
                    golden.get("centering").doubleValue());

            Torch.run(() -> Scope.run(() -> {
                NDArray better = Torch.manager().create(chosen);
                NDArray worse = Torch.manager().create(rejected);
                better.setRequiresGradient(true);
                worse.setRequiresGradient(true);
                double[] perPair = new double[n];
                double mean = Tape.backward(
                        tape -> {
                            NDArray losses = loss.perPair(better, worse, margins, probabilities);
                            System.arraycopy(losses.toDoubleArray(), 0, perPair, 0, n);
                            return losses.mul(Vectors.like(losses, weights))
                                    .sum()
                                    .div(totalWeight);
                        },
                        1,
                        value -> {});

                String name = golden.get("name").asText();
                assertThat(perPair).as(name).containsExactly(Golden.doubles(golden.get("pair_losses")), within(1e-6));
                assertThat(mean).as(name).isCloseTo(golden.get("loss").doubleValue(), within(1e-6));
                assertThat(better.getGradient().toDoubleArray())
                        .as(name)
                        .containsExactly(Golden.doubles(golden.get("gradient_chosen")), within(1e-6));
                assertThat(worse.getGradient().toDoubleArray())
                        .as(name)
                        .containsExactly(Golden.doubles(golden.get("gradient_rejected")), within(1e-6));
            }));
        }
    }

    @Test
    void thePublishedValuesOfTrl() {
        // s⁺ = 2, s⁻ = 0.5: log(1 + e^-1.5) = 0.201413; with margin 0.5: log(1 + e^-1) = 0.313262;
        // with centering 0.01: 0.201413 + 0.01 * 2.5² = 0.263913
        assertThat(one(PairwiseLoss.PLAIN, 2, 0.5, 0, 1)).isCloseTo(0.201413, within(1e-6));
        assertThat(one(PairwiseLoss.PLAIN, 2, 0.5, 0.5, 1)).isCloseTo(0.313262, within(1e-6));
        assertThat(one(new PairwiseLoss(0, 0.01), 2, 0.5, 0, 1)).isCloseTo(0.263913, within(1e-6));
    }

    @Test
    void exchangingThePairIsTheSameAsTheOppositeLabel() {
        Property.forAll(
                draws -> new double[] {
                    draws.between(-5.0, 5.0),
                    draws.between(-5.0, 5.0),
                    draws.between(0.0, 1.0),
                    draws.between(-1.0, 1.0),
                    draws.between(0.0, 0.49)
                },
                x -> {
                    PairwiseLoss loss = new PairwiseLoss(x[4], 0.01);
                    double oneWay = one(loss, x[0], x[1], x[3], x[2]);
                    double theOther = one(loss, x[1], x[0], -x[3], 1 - x[2]);
                    assertThat(oneWay).isCloseTo(theOther, within(1e-9));
                });
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        assertThatThrownBy(() -> new PairwiseLoss(0.5, 0)).hasMessageContaining("labelSmoothing must be in [0, 0.5)");
        assertThatThrownBy(() -> new PairwiseLoss(0, -1)).hasMessageContaining("centering");
        assertThatThrownBy(() -> one(PairwiseLoss.PLAIN, 1, 0, 0, 1.5)).hasMessageContaining("probability of pair 0");
        assertThatThrownBy(() -> Torch.run(() -> Scope.run(() -> PairwiseLoss.PLAIN.perPair(
                        Torch.manager().create(new float[2]),
                        Torch.manager().create(new float[3]),
                        new double[2],
                        new double[2]))))
                .hasMessageContaining("(2) and (3)");
    }

    private static double one(PairwiseLoss loss, double chosen, double rejected, double margin, double probability) {
        return Torch.call(() -> Scope.call(() -> loss.perPair(
                        Torch.manager().create(new double[] {chosen}),
                        Torch.manager().create(new double[] {rejected}),
                        new double[] {margin},
                        new double[] {probability})
                .toDoubleArray()[0]));
    }

    private static double[] doubles(JsonNode values, int length, double whenAbsent) {
        if (!values.isNull()) {
            return Golden.doubles(values);
        }
        double[] filled = new double[length];
        Arrays.fill(filled, whenAbsent);
        return filled;
    }
}
