package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.GradientCheck;

/** The packed layer against the operators that it is made of. */
class PackedLayerTest {
    private static final int HIDDEN = 12;
    private static final int HEADS = 6;
    private static final int KEY_HEADS = 2;
    private static final int WIDTH = 4;
    private static final int INNER = 10;
    private static final double EPSILON = 1e-3;

    private long seed;

    private NDArray normal(long... shape) {
        Shape of = new Shape(shape);
        return TorchOps.toFloat32(HostCopy.create(Torch.manager(), of, GradientCheck.normal(++seed, of)));
    }

    @Test
    void headsAndResultAreThoseOfTheOperators() {
        for (boolean biased : new boolean[] {false, true}) {
            for (boolean normed : new boolean[] {false, true}) {
                Torch.run(() -> Scope.run(() -> {
                    for (int tokens : new int[] {1, 5}) {
                        compare(3, tokens, biased, normed);
                    }
                }));
            }
        }
    }

    private void compare(int rows, int tokens, boolean biased, boolean normed) {
        NDArray x = normal(rows, tokens, HIDDEN);
        NDArray cos = normal(rows, 1, tokens, WIDTH);
        NDArray sin = normal(rows, 1, tokens, WIDTH);
        List<NDArray> in = List.of(
                normal(HEADS * WIDTH, HIDDEN), normal(KEY_HEADS * WIDTH, HIDDEN), normal(KEY_HEADS * WIDTH, HIDDEN));
        List<NDArray> inBias = List.of(normal(HEADS * WIDTH), normal(KEY_HEADS * WIDTH), normal(KEY_HEADS * WIDTH));
        NDArray norm = normal(HIDDEN);
        NDArray queryNorm = normal(WIDTH);
        NDArray keyNorm = normal(WIDTH);
        NDArray out = normal(HIDDEN, HEADS * WIDTH);
        NDArray outBias = normal(HIDDEN);
        NDArray mlpNorm = normal(HIDDEN);
        List<NDArray> gateUp = List.of(normal(INNER, HIDDEN), normal(INNER, HIDDEN));
        NDArray down = normal(HIDDEN, INNER);
        try (NDManager owner = Torch.manager().newSubManager()) {
            PackedLayer layer = new PackedLayer(
                    new PackedLayer.Attention(
                            norm,
                            PackedLinear.stacked(owner, in, biased ? inBias : List.of()),
                            normed ? queryNorm : null,
                            normed ? keyNorm : null,
                            KEY_HEADS,
                            new PackedLinear(owner, out, biased ? outBias : null)),
                    new PackedLayer.Mlp(
                            mlpNorm,
                            PackedLinear.stacked(owner, gateUp, List.of()),
                            new PackedLinear(owner, down, null)),
                    EPSILON);
            NDList heads = layer.heads(x, cos, sin);
            NDArray before = TorchOps.rmsNorm(x, norm, EPSILON);
            for (int i = 0; i < 3; i++) {
                NDArray flat =
                        biased ? TorchOps.linear(before, in.get(i), inBias.get(i)) : TorchOps.linear(before, in.get(i));
                NDArray each = flat.reshape(rows, tokens, i == 0 ? HEADS : KEY_HEADS, WIDTH)
                        .transpose(0, 2, 1, 3);
                if (i < 2) {
                    NDArray inner = normed ? TorchOps.rmsNorm(each, i == 0 ? queryNorm : keyNorm, EPSILON) : each;
                    each = TorchOps.rope(inner, cos, sin);
                }
                requireClose(heads.get(i), each);
            }
            NDArray mixed = normal(rows, HEADS, tokens, WIDTH);
            NDArray merged = mixed.transpose(0, 2, 1, 3).reshape(rows, tokens, (long) HEADS * WIDTH);
            NDArray y = x.add(biased ? TorchOps.linear(merged, out, outBias) : TorchOps.linear(merged, out));
            NDArray z = TorchOps.rmsNorm(y, mlpNorm, EPSILON);
            NDArray gated = TorchOps.swiGlu(TorchOps.linear(z, gateUp.get(0)), TorchOps.linear(z, gateUp.get(1)));
            requireClose(layer.finish(x, mixed), y.add(TorchOps.linear(gated, down)));
        }
    }

    private static void requireClose(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        float[] a = HostCopy.toFloats(actual);
        float[] e = HostCopy.toFloats(expected);
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).isCloseTo(e[i], within(1e-4f * Math.max(1, Math.abs(e[i]))));
        }
    }
}
