package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Leaks;

class HostCopyTest {
    @Test
    void whatGoesInComesOutInRowMajorOrder() {
        Torch.run(() -> Scope.run(() -> {
            NDManager m = Torch.manager();
            float[] values = {1, 2, 3, 4, 5, 6};
            NDArray floats = HostCopy.create(m, new Shape(2, 3), values);
            assertThat(floats.getShape()).isEqualTo(new Shape(2, 3));
            assertThat(HostCopy.toFloats(floats)).containsExactly(values);
            // A transposed view is not contiguous; its own row-major order counts.
            assertThat(HostCopy.toFloats(floats.transpose())).containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(HostCopy.toFloats(HostCopy.create(m, new Shape(2), new double[] {0.5, -1e300})))
                    .containsExactly(0.5f, Float.NEGATIVE_INFINITY);
            assertThat(HostCopy.create(m, new Shape(2), new int[] {7, -1}).toLongArray())
                    .containsExactly(7, -1);
            assertThat(HostCopy.create(m, new Shape(2), new long[] {Long.MAX_VALUE, 0})
                            .toLongArray())
                    .containsExactly(Long.MAX_VALUE, 0);
            assertThat(HostCopy.create(m, new Shape(0, 3), new float[0]).isEmpty())
                    .isTrue();
        }));
    }

    @Test
    void partsAreReadAndWrittenInPlace() {
        Torch.run(() -> Scope.run(() -> {
            NDArray array = HostCopy.create(Torch.manager(), new Shape(5), new float[] {0, 1, 2, 3, 4});
            NDArray view = array.reshape(1, 5);
            HostCopy.write(array, 1, new float[] {10, 20, 99}, 2);
            assertThat(HostCopy.toFloats(view)).containsExactly(0, 10, 20, 3, 4);
            float[] part = {-1, -1, -1};
            HostCopy.read(array, 2, part, 2);
            assertThat(part).containsExactly(20, 3, -1);
        }));
    }

    @Test
    void aViewOutlivesTheArrayItCameFromAndTheGarbageCollector() {
        Torch.run(() -> {
            try (NDManager owner = Torch.manager().newSubManager()) {
                NDArray view;
                try (Scope scope = new Scope()) {
                    float[] values = new float[100_000];
                    values[99_999] = 7;
                    NDArray array = HostCopy.create(scope.manager(), new Shape(values.length), values);
                    view = scope.keep(array.reshape(100, 1000), owner);
                }
                System.gc();
                Scope.run(() -> HostCopy.create(Torch.manager(), new Shape(100_000), new float[100_000]));
                float[] values = HostCopy.toFloats(view);
                assertThat(values[99_999]).isEqualTo(7);
            }
        });
    }

    @Test
    void noDirectMemoryOfTheJvmIsUsed() {
        BufferPoolMXBean direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .findFirst()
                .orElseThrow();
        Torch.run(() -> {
            long before = direct.getTotalCapacity();
            Scope.run(() -> {
                NDArray array = HostCopy.create(Torch.manager(), new Shape(1 << 20), new float[1 << 20]);
                HostCopy.toFloats(array);
                // Half of the array's 4 MiB is a generous bound for what others may do at the same time.
                assertThat(direct.getTotalCapacity() - before).isLessThan(2L << 20);
            });
        });
    }

    @Test
    void copiesLeaveNoArrayBehind() {
        Torch.run(() -> {
            try (NDManager owner = Torch.manager().newSubManager()) {
                NDArray array = HostCopy.create(owner, new Shape(3, 2), new float[6]);
                Leaks.assertNone(owner, 1, 5, () -> {
                    HostCopy.write(array, new float[] {1, 2, 3, 4, 5, 6});
                    HostCopy.toFloats(array);
                });
            }
        });
    }

    @Test
    void wrongSizesPlacesAndTypesAreRefused() {
        Torch.run(() -> Scope.run(() -> {
            NDManager m = Torch.manager();
            NDArray array = m.zeros(new Shape(2, 2));
            assertThatThrownBy(() -> HostCopy.create(m, new Shape(2, 2), new float[3]))
                    .hasMessage("3 values for an array of shape (2, 2)");
            assertThatThrownBy(() -> HostCopy.write(array, new float[5])).hasMessageContaining("5 values");
            assertThatThrownBy(() -> HostCopy.write(array, 3, new float[2], 2)).hasMessageContaining("elements 3 to 5");
            assertThatThrownBy(() -> HostCopy.read(array, -1, new float[2], 2))
                    .hasMessageContaining("elements -1 to 1");
            assertThatThrownBy(() -> HostCopy.write(m.zeros(new Shape(1), DataType.FLOAT64), new float[1]))
                    .hasMessageContaining("float64");
        }));
    }
}
