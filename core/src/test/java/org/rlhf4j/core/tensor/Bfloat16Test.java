package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.rlhf4j.base.SeededStream;

/** Operators on arrays that DJL has no element type for. */
class Bfloat16Test {
    /** Half the distance of 1 and its successor: 8 significant bits. */
    private static final double UNIT = 1.0 / 256;

    @Test
    void zerosCanBeWrittenAndReadAndTakeHalfTheBytes() {
        Torch.run(() -> Scope.run(() -> {
            NDArray x = HostCopy.zeros(Torch.manager(), new Shape(2, 3), TorchOps.BFLOAT16);
            assertThat(TorchOps.isBfloat16(x)).isTrue();
            assertThat(HostCopy.toFloats(x)).containsOnly(0);
            TorchOps.copyInto(
                    x.get(new NDIndex("1")), HostCopy.create(Torch.manager(), new float[] {257, 1.0009f, -3.5f}));
            assertThat(HostCopy.toFloats(x)).containsExactly(0, 0, 0, 256, 1, -3.5f);
            assertThat(x.toByteBuffer(true).remaining()).isEqualTo(2 * 6);
            assertThat(HostCopy.toFloats(TorchOps.zerosLike(x))).containsOnly(0);
            assertThat(TorchOps.toBfloat16(x)).isSameAs(x);
            assertThat(TorchOps.widened(x).getDataType()).isEqualTo(DataType.FLOAT32);
        }));
    }

    @Test
    void aProductTakesWeightsOfEitherTypeAndGivesFloat32MastersTheirGradient() {
        Torch.run(() -> Scope.run(() -> {
            NDArray bias = random(3, new Shape(6));
            requireGradientsLikeFloat32(TorchOps::linear);
            requireGradientsLikeFloat32((x, weight) -> TorchOps.linear(x, weight, bias));
        }));
    }

    private static void requireGradientsLikeFloat32(BinaryOperator<NDArray> product) {
        NDArray x = random(1, new Shape(3, 5, 8));
        NDArray weight = random(2, new Shape(6, 8));
        weight.setRequiresGradient(true);
        Tape.backward(tape -> product.apply(x, weight).sum(), 1, loss -> {});
        float[] expected = weight.getGradient().toFloatArray();
        FusedUpdates.zero(List.of(weight.getGradient()));
        Tape.backward(
                tape -> {
                    NDArray y = product.apply(TorchOps.toBfloat16(x), weight);
                    assertThat(TorchOps.isBfloat16(y)).isTrue();
                    return TorchOps.toFloat32(y).sum();
                },
                1,
                loss -> {});
        assertThat(weight.getGradient().getDataType()).isEqualTo(DataType.FLOAT32);
        requireClose(weight.getGradient().toFloatArray(), expected, 4 * UNIT);
    }

    @Test
    void everyOperatorOfALayerKeepsTheTypeAndIsWithinRounding() {
        Torch.run(() -> Scope.run(() -> {
            NDArray q = random(1, new Shape(2, 4, 7, 8));
            NDArray k = random(2, new Shape(2, 2, 7, 8));
            NDArray v = random(3, new Shape(2, 2, 7, 8));
            NDArray cos = random(4, new Shape(7, 8));
            NDArray mask = HostCopy.create(Torch.manager(), new Shape(1, 1, 7, 7), new float[49]);
            NDArray weight = random(5, new Shape(8));
            requireClose(x -> TorchOps.rope(x, cos, cos), q, 4);
            requireClose(x -> TorchOps.rmsNorm(x, weight, 1e-5), q, 3);
            requireClose(x -> TorchOps.causalAttention(x, like(x, k), like(x, v), 0.35, 0), q, 6);
            requireClose(x -> TorchOps.attention(x, like(x, k), like(x, v), mask, 0.35, 0), q, 6);
            requireClose(TorchOps::silu, q, 2);
            requireClose(x -> TorchOps.swiGlu(x, x), q, 6);
            requireClose(TorchOps::geluTanh, q, 2);
            requireClose(x -> x.add(x.transpose(0, 1, 2, 3)).reshape(-1, 8).get(new NDIndex("1:9")), q, 2);
        }));
    }

    private static NDArray like(NDArray x, NDArray y) {
        return TorchOps.isBfloat16(x) ? TorchOps.toBfloat16(y) : y;
    }

    private static void requireClose(UnaryOperator<NDArray> operator, NDArray x, double units) {
        NDArray narrow = operator.apply(TorchOps.toBfloat16(x));
        assertThat(TorchOps.isBfloat16(narrow)).isTrue();
        requireClose(HostCopy.toFloats(narrow), HostCopy.toFloats(operator.apply(x)), units * UNIT);
    }

    private static void requireClose(float[] actual, float[] expected, double tolerance) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) actual[i])
                    .as("element %d", i)
                    .isCloseTo(expected[i], within(tolerance * Math.max(1, Math.abs(expected[i]))));
        }
    }

    @Test
    void aPackedMatrixOfBfloat16MultipliesLikeItself() {
        Torch.run(() -> Scope.run(() -> {
            NDArray w = TorchOps.toBfloat16(random(2, new Shape(40, 24)));
            NDArray x = TorchOps.toBfloat16(random(1, new Shape(3, 1, 24)));
            PackedLinear packed = new PackedLinear(Torch.manager(), w, null);
            assertThat(HostCopy.toFloats(packed.apply(x))).containsExactly(HostCopy.toFloats(TorchOps.linear(x, w)));
        }));
    }

    @Test
    void theHeadsFiguresAreFloat32AndWithinRounding() {
        int[] targets = {3, 0, 11, 7};
        Torch.run(() -> Scope.run(() -> {
            NDArray hidden = random(1, new Shape(4, 16));
            NDArray head = random(2, new Shape(12, 16));
            // What both compute from is the same; only the product is rounded.
            NDArray narrow = TorchOps.toBfloat16(hidden);
            TokenLogProbs wide = TokenLogProbs.forward(
                    TorchOps.toFloat32(narrow), new VocabularyHead(TorchOps.roundToBfloat16(head)), targets, 1);
            TokenLogProbs figures = TokenLogProbs.forward(narrow, new VocabularyHead(head), targets, 1);
            assertThat(figures.logProb().getDataType()).isEqualTo(DataType.FLOAT32);
            double bound = 2 * 16 * UNIT;
            requireClose(figures.logProb().toFloatArray(), wide.logProb().toFloatArray(), bound);
            requireClose(figures.entropy().toFloatArray(), wide.entropy().toFloatArray(), bound);
        }));
    }

    @Test
    void theCrossEntropyGivesMastersAndHiddenStatesTheirGradients() {
        int[] targets = {3, 0, 11, 7};
        Torch.run(() -> Scope.run(() -> {
            float[][] wide = gradients(false, targets);
            float[][] narrow = gradients(true, targets);
            requireClose(narrow[0], wide[0], 8 * UNIT);
            requireClose(narrow[1], wide[1], 8 * UNIT);
            assertThat(narrow[1]).isNotEqualTo(wide[1]);
        }));
    }

    /** Of hidden states and head, by the cross entropy and by log-probabilities of the same. */
    private static float[][] gradients(boolean bfloat16, int[] targets) {
        NDArray hidden = TorchOps.roundToBfloat16(random(1, new Shape(4, 16)));
        NDArray head = TorchOps.roundToBfloat16(random(2, new Shape(12, 16)));
        hidden.setRequiresGradient(true);
        head.setRequiresGradient(true);
        for (boolean sum : new boolean[] {true, false}) {
            Tape.backward(
                    tape -> {
                        NDArray states = bfloat16 ? TorchOps.toBfloat16(hidden) : TorchOps.times(hidden, 1);
                        return sum
                                ? TokenCrossEntropy.of(tape, states, new VocabularyHead(head), targets)
                                        .sum()
                                : TokenLogProbs.of(tape, states, new VocabularyHead(head), targets, 0.7)
                                        .logProb()
                                        .sum();
                    },
                    1,
                    loss -> {});
        }
        assertThat(hidden.getGradient().getDataType()).isEqualTo(DataType.FLOAT32);
        return new float[][] {
            hidden.getGradient().toFloatArray(), head.getGradient().toFloatArray()
        };
    }

    @Test
    void weightsOfBfloat16AreKeptCopiedAndNeverTrained() {
        Torch.run(() -> Scope.run(() -> {
            try (Parameters weights = new Parameters(Precision.BFLOAT16)) {
                weights.put("w", TorchOps.toBfloat16(random(1, new Shape(3))));
                try (Parameters copy = weights.copy()) {
                    assertThat(copy.precision()).isEqualTo(Precision.BFLOAT16);
                    assertThat(TorchOps.isBfloat16(copy.get("w"))).isTrue();
                    copy.copyFrom(weights);
                    assertThat(HostCopy.toFloats(copy.get("w"))).isEqualTo(HostCopy.toFloats(weights.get("w")));
                }
                assertThatThrownBy(() -> weights.setTrainable("w", true))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("\"w\" is of bfloat16")
                        .hasMessageContaining("MIXED");
            }
        }));
    }

    @Test
    void precisionsHaveTransformersNames() {
        assertThat(Precision.named("bfloat16").forTraining()).isEqualTo(Precision.MIXED);
        assertThat(Precision.named("float32").forTraining()).isEqualTo(Precision.FLOAT32);
        assertThatThrownBy(() -> Precision.named("bfloat"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bfloat16");
    }

    private static NDArray random(long seed, Shape shape) {
        SeededStream stream = SeededStream.of(seed, "bfloat16");
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) stream.nextGaussian();
        }
        return HostCopy.create(Torch.manager(), shape, values);
    }
}
