package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.tensor.GenerationOps.KeyValues;
import org.rlhf4j.core.tensor.GenerationOps.Weighing;
import org.rlhf4j.testing.GradientCheck;

class GenerationOpsTest {
    private static final float HIDDEN = -1e9f;

    private long seed;

    private NDArray normal(long... shape) {
        Shape of = new Shape(shape);
        return TorchOps.toFloat32(HostCopy.create(Torch.manager(), of, GradientCheck.normal(++seed, of)));
    }

    /** Row by row with plain attention over the keys that the token may see; one row starts in column 2. */
    @Test
    void aNewTokenSeesTheFilledColumnsOfItsRowAndWindow() {
        int filled = 7;
        for (int heads : new int[] {2, 6}) {
            for (int window : new int[] {100, 7, 4}) {
                double cap = window == 7 ? 0.8 : 0;
                Torch.run(() -> Scope.run(() -> {
                    KeyValues kept = new KeyValues(normal(2, 2, 10, 4), normal(2, 2, 10, 4));
                    NDArray q = normal(2, heads, 1, 4);
                    NDArray k = normal(2, 2, 1, 4);
                    NDArray v = normal(2, 2, 1, 4);
                    float[] hidden = new float[2 * filled];
                    hidden[filled] = HIDDEN;
                    hidden[filled + 1] = HIDDEN;
                    NDArray mask = HostCopy.create(Torch.manager(), new Shape(2, 1, 1, filled), hidden);
                    NDArray mixed =
                            GenerationOps.continuedAttention(q, k, v, kept, new Weighing(mask, window, 0.6, cap));
                    assertThat(mixed.getShape()).isEqualTo(new Shape(2, heads, 1, 4));
                    requireClose(kept.keys().get(new NDIndex(":, :, 6:7")), k);
                    requireClose(kept.values().get(new NDIndex(":, :, 6:7")), v);
                    for (int row = 0; row < 2; row++) {
                        int first = Math.max(row == 1 ? 2 : 0, filled - window);
                        NDIndex seen = new NDIndex(row + ":" + (row + 1) + ", :, " + first + ":" + filled);
                        NDArray none = Torch.manager().zeros(new Shape(1));
                        NDIndex own = new NDIndex(row + ":" + (row + 1));
                        requireClose(
                                mixed.get(own),
                                TorchOps.attention(
                                        q.get(own),
                                        kept.keys().get(seen),
                                        kept.values().get(seen),
                                        none,
                                        0.6,
                                        cap));
                    }
                }));
            }
        }
    }

    private static void requireClose(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        float[] a = HostCopy.toFloats(actual);
        float[] e = HostCopy.toFloats(expected);
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).isCloseTo(e[i], within(1e-5f));
        }
    }
}
