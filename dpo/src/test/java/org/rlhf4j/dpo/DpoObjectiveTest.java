package org.rlhf4j.dpo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.GradientCheck;

class DpoObjectiveTest {
    private static final double EPSILON = 0.1;

    /** By hand: no difference at all, and c = 3 of 10 tokens with r = -5 of 20, at beta 0.1: beta (c - r) = 0.8. */
    @ParameterizedTest
    @CsvSource({
        "sigmoid, 0.6931471805599453, 0.371101",
        "conservative, 0.6931471805599453, 0.451101",
        "robust, 0.6931471805599453, 0.271101",
        "hinge, 1, 0.2",
        "ipo, 25, 19.8025",
        "ipo-sum, 25, 9"
    })
    void thePublishedValues(String name, double untrained, double trained) {
        Torch.run(() -> Scope.run(() -> {
            NDArray losses = named(name, EPSILON)
                    .perPair(
                            sequences(new double[] {-20, -17}, new double[] {-20, -20}, 10, 10),
                            sequences(new double[] {-40, -45}, new double[] {-40, -40}, 20, 20),
                            0.1);
            assertThat(losses.toDoubleArray()[0]).isCloseTo(untrained, within(1e-15 * untrained));
            assertThat(losses.toDoubleArray()[1]).isCloseTo(trained, within(1e-6));
        }));
    }

    @Test
    void randomPairsEqualTrlOrTheDefinition() {
        JsonNode pairs = Golden.json("loss/dpo").get("pairs");
        Torch.run(() -> Scope.run(() -> {
            SequenceLogProbs chosen = side(pairs, "chosen");
            SequenceLogProbs rejected = side(pairs, "rejected");
            for (JsonNode golden : Golden.cases("loss/dpo", "cases")) {
                String name = golden.get("objective").textValue();
                NDArray losses = named(name, golden.get("label_smoothing").doubleValue())
                        .perPair(chosen, rejected, golden.get("beta").doubleValue());
                GradientCheck.assertClose(name, losses.toDoubleArray(), Golden.doubles(golden.get("losses")), 1e-12);
            }
        }));
    }

    @ParameterizedTest
    @CsvSource({"sigmoid", "conservative", "robust", "hinge", "ipo", "ipo-sum"})
    void gradientsEqualDifferences(String name) {
        // Well away from the kink of the hinge loss.
        List<double[]> values = List.of(new double[] {-9, -12, -30.5}, new double[] {-11, -8, -24});
        Torch.run(() -> GradientCheck.byFiniteDifferences(
                inputs -> named(name, EPSILON)
                        .perPair(
                                with(inputs.get(0), new double[] {-10, -10, -25}),
                                with(inputs.get(1), new double[] {-10, -11, -25}),
                                0.3),
                values,
                List.of(new Shape(3), new Shape(3))));
    }

    @ParameterizedTest
    @CsvSource({"sigmoid", "conservative", "robust"})
    void lossesStayFiniteWhereTheSigmoidIsZeroOrOne(String name) {
        Torch.run(() -> Scope.run(() -> {
            NDArray losses = named(name, EPSILON)
                    .perPair(
                            sequences(new double[] {-5000, -1}, new double[] {-1, -5000}, 9, 9),
                            sequences(new double[] {-1, -5000}, new double[] {-5000, -1}, 9, 9),
                            1);
            for (double loss : losses.toDoubleArray()) {
                assertThat(loss).isFinite();
            }
        }));
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        assertThatThrownBy(() -> new DpoObjective.Conservative(0.5)).hasMessageContaining("labelSmoothing is 0.5");
        assertThatThrownBy(() -> new DpoObjective.Robust(-0.1)).hasMessageContaining("labelSmoothing is -0.1");
    }

    static DpoObjective named(String name, double labelSmoothing) {
        return switch (name) {
            case "sigmoid" -> new DpoObjective.Sigmoid();
            case "conservative" -> new DpoObjective.Conservative(labelSmoothing);
            case "robust" -> new DpoObjective.Robust(labelSmoothing);
            case "hinge" -> new DpoObjective.Hinge();
            case "ipo" -> new DpoObjective.Ipo();
            case "ipo-sum" -> new DpoObjective.IpoSum();
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static SequenceLogProbs with(NDArray policy, double[] reference) {
        return new SequenceLogProbs(
                policy,
                policy.getManager().create(reference),
                policy.getManager().create(new double[] {4, 7, 11}));
    }

    static SequenceLogProbs sequences(double[] policy, double[] reference, double... tokens) {
        return new SequenceLogProbs(
                Torch.manager().create(policy),
                Torch.manager().create(reference),
                Torch.manager().create(tokens));
    }

    private static SequenceLogProbs side(JsonNode pairs, String side) {
        return sequences(
                column(pairs, side + "_policy"), column(pairs, side + "_reference"), column(pairs, side + "_tokens"));
    }

    private static double[] column(JsonNode rows, String name) {
        return StreamSupport.stream(rows.spliterator(), false)
                .mapToDouble(row -> row.get(name).doubleValue())
                .toArray();
    }
}
