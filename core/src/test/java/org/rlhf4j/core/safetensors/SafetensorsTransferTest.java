package org.rlhf4j.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;
import org.rlhf4j.core.tensor.Torch;

/** Weights between files and the engine. */
final class SafetensorsTransferTest {
    private final Path file;

    SafetensorsTransferTest(@TempDir Path directory) {
        this.file = directory.resolve("model.safetensors");
    }

    @Test
    void arraysOfManyChunksArriveWholeAndInOrder() {
        // Two full chunks and a rest of 5.
        int size = 2 * TensorTransfer.CHUNK + 5;
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = i - size / 2;
        }
        save(TensorSource.of("w", values, new Shape(size), DType.F32));
        Torch.run(() -> {
            try (NDManager manager = Torch.manager().newSubManager();
                    SafetensorsFile opened = SafetensorsFile.open(file)) {
                NDArray read = opened.read("w", manager);
                assertThat(read.toFloatArray()).isEqualTo(values);
                save(TensorSource.of("w", read, DType.F32));
            }
        });
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            assertThat(opened.readFloats("w", NonFinite.REFUSE)).isEqualTo(values);
        }
    }

    @Test
    void shapesIncludeScalarsAndEmptyTensors() {
        save(
                TensorSource.of("scalar", new float[] {7}, new Shape(), DType.F32),
                TensorSource.of("empty", new float[0], new Shape(0, 4), DType.BF16),
                TensorSource.of("matrix", new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3), DType.F16));
        Torch.run(() -> {
            try (NDManager manager = Torch.manager().newSubManager();
                    SafetensorsFile opened = SafetensorsFile.open(file)) {
                assertThat(opened.read("scalar", manager).getFloat()).isEqualTo(7);
                assertThat(opened.read("empty", manager).getShape()).isEqualTo(new Shape(0, 4));
                NDArray matrix = opened.read("matrix", manager);
                assertThat(matrix.getDataType()).isEqualTo(DataType.FLOAT32);
                assertThat(matrix.get(1, 0).getFloat()).isEqualTo(4);
            }
        });
    }

    @Test
    void whatIsReadMayBeUpdatedInPlaceWithoutTouchingTheFile() {
        save(TensorSource.of("w", new float[] {1, 2}, new Shape(2), DType.F32));
        Torch.run(() -> {
            try (NDManager manager = Torch.manager().newSubManager();
                    SafetensorsFile opened = SafetensorsFile.open(file)) {
                opened.read("w", manager).addi(10);
                assertThat(opened.read("w", manager).toFloatArray()).containsExactly(1, 2);
            }
        });
    }

    @Test
    void aRefusedTensorLeavesNoArrayBehind() {
        byte[] bytes = SafetensorsBytes.file(
                "{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                SafetensorsBytes.floats(1, Float.NaN));
        SafetensorsBytes.write(file, bytes);
        Torch.run(() -> {
            try (NDManager manager = Torch.manager().newSubManager();
                    SafetensorsFile opened = SafetensorsFile.open(file)) {
                assertThatThrownBy(() -> opened.read("w", manager)).isInstanceOf(DataFormatException.class);
                assertThat(manager.getManagedArrays()).isEmpty();
                assertThat(opened.read("w", manager, NonFinite.ALLOW).toFloatArray())
                        .containsExactly(1, Float.NaN);
                assertThat(manager.getManagedArrays()).hasSize(1);
            }
        });
    }

    @Test
    void aViewWithOtherStridesIsWrittenInItsOwnOrder() {
        Torch.run(() -> {
            try (NDManager manager = Torch.manager().newSubManager()) {
                NDArray array = manager.create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(2, 3));
                save(TensorSource.of("t", array.transpose(), DType.F32));
            }
        });
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            assertThat(opened.readFloats("t", NonFinite.REFUSE)).containsExactly(1, 4, 2, 5, 3, 6);
        }
    }

    @Test
    void onlyFloat32ArraysAreWritten() {
        Torch.run(() -> {
            try (NDManager manager = Torch.manager().newSubManager()) {
                NDArray integers = manager.create(new int[] {1});
                assertThatThrownBy(() -> TensorSource.of("i", integers, DType.F32))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("int32");
            }
        });
    }

    private void save(TensorSource... tensors) {
        try {
            SafetensorsWriter.write(Storage.disk(), file, List.of(tensors));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
