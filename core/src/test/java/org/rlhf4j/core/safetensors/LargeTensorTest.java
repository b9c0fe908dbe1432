package org.rlhf4j.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;
import org.rlhf4j.core.tensor.Torch;

/** A tensor of 2.3 GiB, more than one buffer of the engine or one mapping of Java holds. */
@Tag("slow")
final class LargeTensorTest {
    private static final int ROWS = 300_000;
    private static final int COLUMNS = 2_048;

    @Test
    void aTensorAboveTwoGibibytesIsWrittenAndReadWhole(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("model.safetensors");
        TensorSource source = new TensorSource("w", new Shape(ROWS, COLUMNS), DType.F32, LargeTensorTest::values);
        SafetensorsWriter.write(Storage.disk(), file, List.of(source));
        assertThat(Files.size(file)).isGreaterThan(4L * ROWS * COLUMNS);
        Torch.run(() -> {
            try (NDManager manager = Torch.manager().newSubManager();
                    SafetensorsFile opened = SafetensorsFile.open(file)) {
                NDArray read = opened.read("w", manager, NonFinite.REFUSE);
                // The first row, the one that straddles byte 2^31, and the last.
                for (int row : new int[] {0, (1 << 29) / COLUMNS - 1, (1 << 29) / COLUMNS, ROWS - 1}) {
                    assertThat(read.get(manager, new NDIndex("{}", row)).toFloatArray())
                            .isEqualTo(values((long) row * COLUMNS, COLUMNS));
                }
                float[] last = TensorSource.of("w", read, DType.F32).elements().read((long) ROWS * COLUMNS - 3, 3);
                assertThat(last).isEqualTo(values((long) ROWS * COLUMNS - 3, 3));
            }
        });
    }

    /** Element i is i mod 16,777,213, a prime below 2^24, so that it is exact and no row equals another. */
    private static float[] values(long first, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (first + i) % 16_777_213;
        }
        return values;
    }
}
