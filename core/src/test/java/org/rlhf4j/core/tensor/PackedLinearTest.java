package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.GradientCheck;
import org.rlhf4j.testing.Leaks;

class PackedLinearTest {
    private static NDArray normal(long seed, Shape shape) {
        return HostCopy.create(Torch.manager(), shape, GradientCheck.normal(seed, shape));
    }

    @Test
    void itIsTheLinearMapForOneRowAndForMany() {
        Torch.run(() -> Scope.run(() -> {
            for (DataType type : new DataType[] {DataType.FLOAT32, DataType.FLOAT64}) {
                NDArray weight = TorchOps.cast(normal(1, new Shape(50, 33)), type);
                NDArray bias = TorchOps.cast(normal(2, new Shape(50)), type);
                weight.setRequiresGradient(true);
                try (NDManager owner = Torch.manager().newSubManager()) {
                    PackedLinear plain = new PackedLinear(owner, weight, null);
                    PackedLinear biased = new PackedLinear(owner, weight, bias);
                    for (int rows : new int[] {1, 3, 8, 200}) {
                        NDArray x = TorchOps.cast(normal(rows, new Shape(rows, 1, 33)), type);
                        requireClose(plain.apply(x), TorchOps.linear(x, weight));
                        requireClose(biased.apply(x), TorchOps.linear(x, weight, bias));
                    }
                }
            }
        }));
    }

    private static void requireClose(NDArray actual, NDArray expected) {
        assertThat(actual.getShape()).isEqualTo(expected.getShape());
        float[] a = HostCopy.toFloats(actual);
        float[] e = HostCopy.toFloats(expected);
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).isCloseTo(e[i], within(2e-5f));
        }
    }

    @Test
    void thePackedCopyGoesWithItsOwner() {
        Torch.run(() -> Scope.run(() -> {
            NDArray weight = HostCopy.create(Torch.manager(), new Shape(8, 4), new float[32]);
            NDArray x = HostCopy.create(Torch.manager(), new Shape(2, 4), new float[8]);
            Leaks.assertNone(
                    weight.getManager(),
                    1,
                    3,
                    () -> Scope.run(() -> {
                        try (NDManager owner = Torch.manager().newSubManager()) {
                            new PackedLinear(owner, weight, null).apply(x);
                        }
                    }));
        }));
    }
}
