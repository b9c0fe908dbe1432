package org.rlhf4j.lm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.testing.Leaks;

class DecoderGradientTest {
    private static final double STEP = 1e-5;

    /** Every family on both sides, beyond its window; the longer rows take the fused attention. */
    static Stream<Arguments> cases() {
        return TestModels.configs().stream()
                .flatMap(json -> Stream.of(
                        Arguments.of(json, PaddedBatch.Side.RIGHT, 5),
                        Arguments.of(json, PaddedBatch.Side.LEFT, 5),
                        Arguments.of(json, PaddedBatch.Side.RIGHT, 66)));
    }

    /**
     * In float64 the central difference with step 1e-5 is off by the third derivative times 1e-10 and by rounding of about
     * 1e-16 / 1e-5 = 1e-11, so the two agree to 1e-7 of the largest derivative unless a gradient is cut somewhere.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void everyDerivativeIsThatOfFiniteDifferences(ObjectNode json, PaddedBatch.Side side, int longest) {
        ModelConfig config = TestModels.read(json);
        PaddedBatch batch = PaddedBatch.of(TestModels.rows(longest, 3, 1), side, 0);
        try (Parameters weights = TestModels.weights(config, true)) {
            Torch.run(() -> {
                SequenceScorer scorer = new SequenceScorer(new Decoder(config, weights), new ScalarHead(weights));
                requireDerivatives(scorer, weights, batch, 7);
            });
        }
    }

    /** Looks at every {@code stride}-th element, and the last one, of every tensor; a gradient must reach them all. */
    static void requireDerivatives(SequenceScorer scorer, Parameters weights, PaddedBatch batch, int stride) {
        weights.setAllTrainable(true);
        Tape.backward(tape -> loss(scorer, batch), 1.0, value -> {});
        for (String name : weights.names()) {
            double[] gradient = weights.get(name).getGradient().toDoubleArray();
            double largest = 0;
            for (double value : gradient) {
                largest = Math.max(largest, Math.abs(value));
            }
            assertThat(largest).as("a gradient reaches %s", name).isPositive();
            int last = gradient.length - 1;
            for (int i = 0; i <= last; i = i < last ? Math.min(i + stride, last) : last + 1) {
                double expected = difference(weights.get(name), i, () -> value(scorer, batch));
                assertThat(gradient[i]).as("%s[%d]", name, i).isCloseTo(expected, within(1e-7 * Math.max(1, largest)));
            }
        }
    }

    @Test
    void aLayerKeepsNothingButItsResult() {
        // Otherwise a pass without gradients takes the memory of all layers.
        ModelConfig config = TestModels.read(TestModels.config());
        try (Parameters weights = TestModels.weights(config, false)) {
            Torch.run(() -> {
                Decoder decoder = new Decoder(config, weights);
                Supplier<Integer> passed = () -> Scope.call(() -> {
                    int before = Leaks.count(weights.manager()) + Leaks.count(Torch.manager());
                    decoder.hidden(PaddedBatch.of(TestModels.rows(5, 3)));
                    return Leaks.count(weights.manager()) + Leaks.count(Torch.manager()) - before;
                });
                assertThat(passed.get()).as("with constants that are made once").isPositive();
                assertThat(passed.get()).as("of about 25 arrays a layer").isLessThan(10);
            });
        }
    }

    private static NDArray loss(SequenceScorer scorer, PaddedBatch batch) {
        NDArray scores = scorer.scores(batch);
        return scores.mul(scores).add(scores).sum();
    }

    private static double value(SequenceScorer scorer, PaddedBatch batch) {
        return Scope.call(() -> loss(scorer, batch).toDoubleArray()[0]);
    }

    private static double difference(NDArray weight, int index, DoubleSupplier value) {
        double[] values = weight.toDoubleArray();
        double kept = values[index];
        values[index] = kept + STEP;
        set(weight, values);
        double above = value.getAsDouble();
        values[index] = kept - STEP;
        set(weight, values);
        double below = value.getAsDouble();
        values[index] = kept;
        set(weight, values);
        return (above - below) / (2 * STEP);
    }

    private static void set(NDArray weight, double[] values) {
        Scope.run(() -> TorchOps.copyInto(weight, Torch.manager().create(values, weight.getShape())));
    }

    @Test
    void paddingGetsNoGradient() {
        ModelConfig config = TestModels.read(TestModels.config());
        // Token 10 stands in no row; as padding it must leave the gradient of its embedding at zero.
        List<EncodedExample> rows =
                List.of(new EncodedExample(new int[] {1, 2, 3, 4}, 1), new EncodedExample(new int[] {5}, 0));
        for (PaddedBatch.Side side : PaddedBatch.Side.values()) {
            try (Parameters weights = TestModels.weights(config, false)) {
                Torch.run(() -> {
                    weights.setAllTrainable(true);
                    SequenceScorer scorer = new SequenceScorer(new Decoder(config, weights), new ScalarHead(weights));
                    PaddedBatch batch = PaddedBatch.of(rows, side, 10);
                    Tape.backward(tape -> scorer.scores(batch).sum(), 1.0, value -> {});
                    NDArray gradient =
                            weights.get(TensorNames.embedding(config)).getGradient();
                    assertThat(gradient.getShape()).isEqualTo(new Shape(11, 8));
                    assertThat(gradient.get(10).toFloatArray()).as("%s", side).containsOnly(0f);
                    assertThat(gradient.get(5).abs().sum().toFloatArray()[0]).isPositive();
                });
            }
        }
    }

    @Test
    void stepsLeaveNoArraysBehind() {
        ModelConfig config = TestModels.read(TestModels.config());
        try (Parameters weights = TestModels.weights(config, false)) {
            Torch.run(() -> {
                weights.setAllTrainable(true);
                SequenceScorer scorer = new SequenceScorer(new Decoder(config, weights), new ScalarHead(weights));
                int[] calls = {0};
                // Lengths change from step to step, and with them the slice of the rotary table.
                Runnable step = () -> {
                    int longest = 3 + calls[0]++ % 5;
                    PaddedBatch batch = PaddedBatch.of(
                            TestModels.rows(longest, 2),
                            calls[0] % 2 == 0 ? PaddedBatch.Side.LEFT : PaddedBatch.Side.RIGHT,
                            0);
                    Tape.backward(tape -> scorer.scores(batch).sum(), 1.0, value -> {});
                };
                Leaks.assertNone(weights.manager(), 10, 20, step);
                Leaks.assertNone(Torch.manager(), 10, 20, step);
            });
        }
    }
}
