package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.testing.GradientCheck;
import org.rlhf4j.testing.GradientCheck.Differentiable;

/** Every operator against plain DJL operations (value and gradient) and against finite differences. */
class TorchOpsTest {
    /** An operator, the same from plain DJL operations, and the shapes of its differentiable inputs. */
    private record Case(String name, Differentiable op, Differentiable plain, List<Shape> shapes) {
        List<double[]> values() {
            List<double[]> values = new ArrayList<>();
            for (int i = 0; i < shapes.size(); i++) {
                values.add(GradientCheck.normal(100 + i, shapes.get(i)));
            }
            return values;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Case of(String name, Differentiable op, Differentiable plain, Shape... shapes) {
        return new Case(name, op, plain, List.of(shapes));
    }

    private static Shape s(long... dimensions) {
        return new Shape(dimensions);
    }

    static Stream<Case> smallCases() {
        return Stream.of(elementwise(), lookups(), attentions(4)).flatMap(cases -> cases);
    }

    private static Stream<Case> elementwise() {
        return Stream.of(
                of(
                        "rmsNorm",
                        x -> TorchOps.rmsNorm(x.get(0), x.get(1), 1e-3),
                        TorchOpsTest::plainRmsNorm,
                        s(2, 3, 4),
                        s(4)),
                of(
                        "layerNorm",
                        x -> TorchOps.layerNorm(x.get(0), x.get(1), null, 1e-3),
                        TorchOpsTest::plainLayerNorm,
                        s(2, 3, 4),
                        s(4)),
                of(
                        "layerNorm with bias",
                        x -> TorchOps.layerNorm(x.get(0), x.get(1), x.get(2), 1e-3),
                        x -> plainLayerNorm(x).add(x.get(2)),
                        s(2, 3, 4),
                        s(4),
                        s(4)),
                of("silu", x -> TorchOps.silu(x.get(0)), x -> plainSilu(x.get(0)), s(3, 4)),
                of(
                        "swiGlu",
                        x -> TorchOps.swiGlu(x.get(0), x.get(1)),
                        x -> plainSilu(x.get(0)).mul(x.get(1)),
                        s(3, 4),
                        s(3, 4)),
                of("geluTanh", x -> TorchOps.geluTanh(x.get(0)), x -> plainGeluTanh(x.get(0)), s(3, 4)),
                of("logSigmoid", x -> TorchOps.logSigmoid(x.get(0)), x -> plainLogSigmoid(x.get(0)), s(3, 4)),
                of("rope", TorchOpsTest::rope, TorchOpsTest::plainRope, s(2, 3, 5, 4)),
                of("times", x -> TorchOps.times(x.get(0), -1.5), x -> x.get(0).mul(-1.5), s(3, 4)),
                of("logSumExp", x -> TorchOps.logSumExp(x.get(0)), x -> plainLogSumExp(x.get(0)), s(3, 5)),
                of(
                        "toFloat64",
                        x -> TorchOps.toFloat64(x.get(0)).mul(2),
                        x -> x.get(0)
                                .mul(x.get(0).getManager().ones(s(1), DataType.FLOAT64))
                                .mul(2),
                        s(3)));
    }

    private static Stream<Case> lookups() {
        return Stream.of(
                of("linear", x -> TorchOps.linear(x.get(0), x.get(1)), TorchOpsTest::plainLinear, s(2, 3, 4), s(5, 4)),
                of(
                        "linear with bias",
                        x -> TorchOps.linear(x.get(0), x.get(1), x.get(2)),
                        x -> plainLinear(x).add(x.get(2)),
                        s(2, 3, 4),
                        s(5, 4),
                        s(5)),
                of(
                        "embedding",
                        x -> TorchOps.embedding(longs(x, s(2, 3), 4, 0, 4, 2, 2, 2), x.get(0)),
                        x -> x.get(0).get(longs(x, s(6), 4, 0, 4, 2, 2, 2)).reshape(2, 3, 3),
                        s(5, 3)),
                of(
                        "relativeScores",
                        x -> TorchOps.relativeScores(x.get(0), x.get(1), longs(x, s(2, 2), 1, 2, 0, 1)),
                        TorchOpsTest::plainRelativeScores,
                        s(2, 3, 2, 4),
                        s(1, 3, 3, 4)),
                of(
                        "rows",
                        x -> TorchOps.rows(x.get(0), longs(x, s(4), 2, 0, 2, 1)),
                        x -> x.get(0).get(longs(x, s(4), 2, 0, 2, 1)),
                        s(3, 2)),
                of(
                        "logProb",
                        x -> TorchOps.logProb(x.get(0), longs(x, s(3), 1, 0, 4)),
                        x -> x.get(0)
                                .logSoftmax(-1)
                                .mul(oneHot(x.get(0), 1, 0, 4))
                                .sum(new int[] {-1}),
                        s(3, 5)),
                of(
                        "segmentSum",
                        x -> TorchOps.segmentSum(x.get(0), longs(x, s(5), 0, 2, 2, 0, 3), 4),
                        x -> x.get(0)
                                .expandDims(0)
                                .matMul(oneHot(x.get(0), 0, 2, 2, 0, 3))
                                .reshape(-1),
                        s(5)));
    }

    /** Attention of every kind at T positions; above 64 x 64 the fused path takes over. */
    private static Stream<Case> attentions(int t) {
        double scale = 0.6;
        return Stream.of(
                of(
                        "causal attention over " + t,
                        x -> TorchOps.causalAttention(x.get(0), x.get(1), x.get(2), scale, 0),
                        x -> plainAttention(x, causalMask(x.get(0), t), 1, scale),
                        s(2, 2, t, 2),
                        s(2, 2, t, 2),
                        s(2, 2, t, 2)),
                of(
                        "causal attention with grouped heads over " + t,
                        x -> TorchOps.causalAttention(x.get(0), x.get(1), x.get(2), scale, 0),
                        x -> plainAttention(x, causalMask(x.get(0), t), 3, scale),
                        s(1, 6, t, 2),
                        s(1, 2, t, 2),
                        s(1, 2, t, 2)),
                of(
                        "masked attention over " + t,
                        x -> TorchOps.attention(x.get(0), x.get(1), x.get(2), leftPadded(x.get(0), t), scale, 0),
                        x -> plainAttention(x, leftPadded(x.get(0), t), 2, scale),
                        s(2, 2, t, 2),
                        s(2, 1, t, 2),
                        s(2, 1, t, 2)));
    }

    static Stream<Case> allCases() {
        return Stream.concat(smallCases(), attentions(70));
    }

    @ParameterizedTest
    @MethodSource("allCases")
    void equalsPlainOperationsInValueAndGradient(Case c) {
        Torch.run(() -> Scope.run(() -> GradientCheck.sameInFloat32(c.op, c.plain, c.values(), c.shapes, 2e-6)));
    }

    @ParameterizedTest
    @MethodSource("smallCases")
    void hasTheGradientThatFiniteDifferencesShow(Case c) {
        Torch.run(() -> Scope.run(() -> GradientCheck.byFiniteDifferences(c.op, c.values(), c.shapes)));
    }

    @Test
    void logSigmoidStaysFiniteWhereTheLogarithmOfTheSigmoidIsInfinite() {
        // log sigmoid(-200) = -200 - log(1 + exp(-200)) = -200 in any float type.
        Torch.run(() -> Scope.run(() -> {
            NDArray x = HostCopy.create(Torch.manager(), s(2), new float[] {-200, 200});
            assertThat(TorchOps.logSigmoid(x).toFloatArray()).containsExactly(-200f, 0f);
        }));
    }

    @Test
    void tanhGeluOfOneIsTheKnownValue() {
        // 0.5 (1 + tanh(sqrt(2/pi) 1.044715)) = 0.8411920; the erf form gives 0.8413447.
        Torch.run(() -> Scope.run(() -> {
            NDArray x = HostCopy.create(Torch.manager(), s(1), new float[] {1});
            assertThat(TorchOps.geluTanh(x).toFloatArray()[0]).isCloseTo(0.8411920f, within(1e-6f));
        }));
    }

    @Test
    void aCastToFloat32CarriesTheGradientBack() {
        Torch.run(() -> Scope.run(() -> {
            NDArray x = HostCopy.create(Torch.manager(), s(2), new double[] {1, 2});
            x.setRequiresGradient(true);
            // d/dx of sum(3 cast(x)^2) = 6 x
            Tape.backward(tape -> TorchOps.toFloat32(x).square().mul(3).sum(), 1, loss -> {});
            assertThat(x.getGradient().toDoubleArray()).containsExactly(6, 12);
        }));
    }

    @Test
    void aPaddedPositionThatSeesNothingStaysFiniteAndPoisonsNoGradient() {
        for (int t : new int[] {4, 80}) {
            Torch.run(() -> Scope.run(() -> {
                NDArray q = random(1, s(2, 2, t, 4));
                q.setRequiresGradient(true);
                Tape.backward(
                        tape -> TorchOps.attention(q, q, q, leftPadded(q, t, false), 0.5, 0)
                                .sum(),
                        1,
                        loss -> assertThat(loss).isFinite());
                assertThat(q.getGradient().toFloatArray()).doesNotContain(Float.NaN);
            }));
        }
    }

    @Test
    void resultsOfGradientFreeCallsMayEnterAGraphLater() {
        Torch.run(() -> Scope.run(() -> {
            NDArray w = random(1, s(3));
            w.setRequiresGradient(true);
            NDArray reference = TorchOps.silu(random(2, s(3)));
            assertThat(TorchOps.inGraph(reference)).isFalse();
            Tape.backward(tape -> w.mul(reference).sum(), 1, loss -> {});
            assertThat(w.getGradient().toFloatArray()).isEqualTo(reference.toFloatArray());
        }));
    }

    @Test
    void causalAttentionRefusesKeysOfAnotherLength() {
        Torch.run(() -> Scope.run(() -> assertThatThrownBy(() -> TorchOps.causalAttention(
                        random(1, s(1, 1, 2, 4)), random(1, s(1, 1, 3, 4)), random(1, s(1, 1, 3, 4)), 1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("(1, 1, 2, 4)")
                .hasMessageContaining("(1, 1, 3, 4)")));
    }

    @Test
    void aCastToATypeTheEngineLacksIsRefusedInsteadOfKillingTheProcess() {
        Torch.run(() -> Scope.run(() -> {
            NDArray x = random(1, s(2));
            for (DataType type : List.of(DataType.BFLOAT16, DataType.INT16, DataType.UINT16, DataType.STRING)) {
                assertThatThrownBy(() -> TorchOps.cast(x, type))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining(type.toString());
            }
            assertThat(TorchOps.cast(x, DataType.INT32).getDataType()).isEqualTo(DataType.INT32);
        }));
    }

    @Test
    void roundingThroughBfloat16KeepsEightBitsAndTheGradient() {
        Torch.run(() -> Scope.run(() -> {
            // bfloat16 has 8 significant bits: between 256 and 512 it holds even numbers only; 257 ties to even, 256.
            NDArray x = HostCopy.create(Torch.manager(), s(3), new float[] {257, 259, 1.0009f});
            x.setRequiresGradient(true);
            Tape.backward(
                    tape -> {
                        NDArray rounded = TorchOps.roundToBfloat16(x);
                        assertThat(rounded.toFloatArray()).containsExactly(256f, 260f, 1f);
                        return rounded.sum();
                    },
                    1,
                    loss -> {});
            assertThat(x.getGradient().toFloatArray()).containsExactly(1, 1, 1);
        }));
    }

    private static NDArray random(long seed, Shape shape) {
        double[] values = GradientCheck.normal(seed, shape);
        return TorchOps.toFloat32(HostCopy.create(Torch.manager(), shape, values));
    }

    private static NDArray longs(List<NDArray> inputs, Shape shape, long... values) {
        return inputs.get(0).getManager().create(values, shape);
    }

    private static NDArray oneHot(NDArray like, long... ids) {
        long width = like.getShape().dimension() == 1 ? 4 : like.getShape().get(1);
        return like.getManager().create(ids).oneHot((int) width, like.getDataType());
    }

    private static NDArray plainRmsNorm(List<NDArray> x) {
        NDArray meanSquare = x.get(0).square().mean(new int[] {-1}, true);
        return x.get(0).div(meanSquare.add(1e-3).sqrt()).mul(x.get(1));
    }

    private static NDArray plainLayerNorm(List<NDArray> x) {
        NDArray centred = x.get(0).sub(x.get(0).mean(new int[] {-1}, true));
        NDArray variance = centred.square().mean(new int[] {-1}, true);
        return centred.div(variance.add(1e-3).sqrt()).mul(x.get(1));
    }

    /** Of the index {@code [[1, 2], [0, 1]]}. */
    private static NDArray plainRelativeScores(List<NDArray> x) {
        NDArray scores = x.get(0).matMul(x.get(1).transpose(0, 1, 3, 2));
        return NDArrays.concat(
                new NDList(scores.get(new NDIndex(":, :, 0:1, 1:3")), scores.get(new NDIndex(":, :, 1:2, 0:2"))), 2);
    }

    private static NDArray plainSilu(NDArray x) {
        return x.mul(Activation.sigmoid(x));
    }

    private static NDArray plainGeluTanh(NDArray x) {
        NDArray inner = x.add(x.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
        return x.mul(0.5).mul(inner.tanh().add(1));
    }

    private static NDArray plainLogSigmoid(NDArray x) {
        return Activation.softPlus(x.neg()).neg();
    }

    private static NDArray plainLogSumExp(NDArray x) {
        NDArray max = x.max(new int[] {-1}, true).stopGradient();
        return x.sub(max).exp().sum(new int[] {-1}).log().add(max.squeeze(-1));
    }

    static NDArray plainLinear(List<NDArray> x) {
        return x.get(0).matMul(x.get(1).transpose());
    }

    private static NDArray angles(NDArray like) {
        // Positions 0..4 times the two frequencies 1 and 0.1, repeated for both halves.
        double[] angles = new double[20];
        for (int t = 0; t < 5; t++) {
            for (int d = 0; d < 4; d++) {
                angles[4 * t + d] = t * (d % 2 == 0 ? 1 : 0.1);
            }
        }
        NDArray wide = like.getManager().create(angles, s(5, 4));
        return like.getDataType() == DataType.FLOAT32 ? TorchOps.toFloat32(wide) : wide;
    }

    private static NDArray rope(List<NDArray> x) {
        NDArray angles = angles(x.get(0));
        return TorchOps.rope(x.get(0), angles.cos(), angles.sin());
    }

    private static NDArray plainRope(List<NDArray> x) {
        NDArray angles = angles(x.get(0));
        NDArray first = x.get(0).get(new NDIndex(":, :, :, 0:2"));
        NDArray second = x.get(0).get(new NDIndex(":, :, :, 2:4"));
        NDArray turned = NDArrays.concat(new NDList(second.neg(), first), -1);
        return x.get(0).mul(angles.cos()).add(turned.mul(angles.sin()));
    }

    private static NDArray causalMask(NDArray like, int t) {
        float[] mask = new float[t * t];
        for (int i = 0; i < t; i++) {
            Arrays.fill(mask, i * t + i + 1, (i + 1) * t, -1e9f);
        }
        return TorchOps.cast(like.getManager().create(mask, s(1, 1, t, t)), like.getDataType());
    }

    /** The second row of the batch starts with two padded positions, which see themselves. */
    private static NDArray leftPadded(NDArray like, int t) {
        return leftPadded(like, t, true);
    }

    private static NDArray leftPadded(NDArray like, int t, boolean seesItself) {
        float[] mask = new float[2 * t * t];
        for (int row = 0; row < 2; row++) {
            for (int i = 0; i < t; i++) {
                for (int j = 0; j < t; j++) {
                    mask[(row * t + i) * t + j] = j > i || (row == 1 && j < 2 && !(seesItself && i == j)) ? -1e9f : 0;
                }
            }
        }
        return TorchOps.cast(like.getManager().create(mask, s(2, 1, t, t)), like.getDataType());
    }

    private static NDArray plainAttention(List<NDArray> x, NDArray mask, int groups, double scale) {
        NDArray k = x.get(1).repeat(1, groups);
        NDArray v = x.get(2).repeat(1, groups);
        NDArray scores = x.get(0).matMul(k.swapAxes(2, 3)).mul(scale).add(mask);
        return scores.softmax(-1).matMul(v);
    }
}
