package org.rlhf4j.core.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.DirectoryTransaction;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Property;

final class SafetensorsWriterTest {
    private final Path directory;
    private final Path file;

    SafetensorsWriterTest(@TempDir Path directory) {
        this.directory = directory;
        this.file = directory.resolve("model.safetensors");
    }

    @Test
    void theLayoutIsThatOfTheReferenceWriter() throws IOException {
        SafetensorsWriter.write(
                Storage.disk(),
                file,
                List.of(
                        TensorSource.of("b", new float[] {3}, new Shape(1), DType.F16),
                        TensorSource.of("z", new float[] {2}, new Shape(1), DType.BF16),
                        TensorSource.of("y", new float[] {1}, new Shape(1), DType.F32),
                        TensorSource.of("a", new float[] {1, 1}, new Shape(2), DType.F32)));
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        int length = (int) bytes.getLong();
        String header = new String(bytes.array(), 8, length, StandardCharsets.UTF_8);
        // float32 first, by name; then bfloat16; then float16; spaces up to a multiple of 8.
        assertThat(header.stripTrailing())
                .isEqualTo("{\"__metadata__\":{\"format\":\"pt\"},"
                        + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                        + "\"y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
                        + "\"z\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[12,14]},"
                        + "\"b\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[14,16]}}");
        assertThat(length % 8).isZero();
        assertThat(bytes.array()).hasSize(8 + length + 16);
    }

    @Test
    void anyTensorsSurviveWritingAndReading() {
        Property.forAll(60, SafetensorsWriterTest::anyTensors, tensors -> {
            SafetensorsWriter.write(
                    Storage.disk(), file, tensors.stream().map(Tensor::source).toList());
            try (SafetensorsFile opened = SafetensorsFile.open(file)) {
                assertThat(opened.tensors()).hasSize(tensors.size());
                for (Tensor tensor : tensors) {
                    assertThat(opened.info(tensor.name()).shape()).isEqualTo(tensor.shape());
                    assertThat(opened.info(tensor.name()).dtype()).isEqualTo(tensor.dtype());
                    assertThat(opened.readFloats(tensor.name(), NonFinite.REFUSE))
                            .isEqualTo(tensor.rounded());
                }
            }
        });
    }

    /** A tensor whose values its type can hold. */
    record Tensor(String name, Shape shape, DType dtype, List<Float> values) {
        TensorSource source() {
            return TensorSource.of(name, array(), shape, dtype);
        }

        private float[] array() {
            float[] array = new float[values.size()];
            for (int i = 0; i < array.length; i++) {
                array[i] = values.get(i);
            }
            return array;
        }

        float[] rounded() {
            float[] rounded = array();
            for (int i = 0; i < rounded.length; i++) {
                rounded[i] = switch (dtype) {
                    case F16 -> HalfPrecision.f16ToFloat(HalfPrecision.floatToF16(rounded[i]));
                    case BF16 -> HalfPrecision.bf16ToFloat(HalfPrecision.floatToBf16(rounded[i]));
                    default -> rounded[i];
                };
            }
            return rounded;
        }
    }

    private static List<Tensor> anyTensors(Draws draws) {
        Set<String> names = new HashSet<>(Set.of("", "__metadata__"));
        List<Tensor> tensors = new ArrayList<>();
        for (String name : draws.list(6, d -> d.text(4))) {
            if (names.add(name)) {
                long[] dimensions = draws.list(3, d -> (long) d.between(0, 4)).stream()
                        .mapToLong(Long::longValue)
                        .toArray();
                Shape shape = new Shape(dimensions);
                int size = (int) shape.size();
                List<Float> values = draws.list(size, size, d -> (float) d.between(-65504.0, 65504.0));
                tensors.add(new Tensor(name, shape, draws.pick(List.of(DType.F32, DType.F16, DType.BF16)), values));
            }
        }
        return tensors;
    }

    @Test
    void valuesThatTheTypeCannotHoldAreRefusedAndNothingAppears() throws IOException {
        for (Map.Entry<DType, Float> entry : List.of(
                Map.entry(DType.F32, Float.NaN),
                Map.entry(DType.F32, Float.POSITIVE_INFINITY),
                Map.entry(DType.F16, 65505f),
                Map.entry(DType.F16, Float.NaN),
                Map.entry(DType.BF16, Float.MAX_VALUE),
                Map.entry(DType.BF16, Float.NEGATIVE_INFINITY))) {
            float[] values = {1, entry.getValue(), entry.getValue()};
            TensorSource tensor = TensorSource.of("layer.weight", values, new Shape(3), entry.getKey());
            assertThatThrownBy(() -> SafetensorsWriter.write(Storage.disk(), file, List.of(tensor)))
                    .isInstanceOfSatisfying(
                            WeightRangeException.class,
                            e -> assertThat(e.tensor()).isEqualTo("layer.weight"))
                    .hasMessageContaining("\"layer.weight\" holds 2 values of 3")
                    .hasMessageContaining("too large for " + entry.getKey());
            assertThat(directory.toFile().list()).isEmpty();
        }
    }

    @Test
    void theLargestValuesOfEachTypeAreStored() throws IOException {
        float bf16Max = HalfPrecision.bf16ToFloat((short) 0x7f7f);
        SafetensorsWriter.write(
                Storage.disk(),
                file,
                List.of(
                        TensorSource.of("a", new float[] {65504, -65504}, new Shape(2), DType.F16),
                        TensorSource.of("b", new float[] {bf16Max}, new Shape(1), DType.BF16),
                        TensorSource.of("c", new float[] {Float.MAX_VALUE}, new Shape(1), DType.F32)));
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            assertThat(opened.readFloats("a", NonFinite.REFUSE)).containsExactly(65504, -65504);
            assertThat(opened.readFloats("b", NonFinite.REFUSE)).containsExactly(bf16Max);
            assertThat(opened.readFloats("c", NonFinite.REFUSE)).containsExactly(Float.MAX_VALUE);
        }
    }

    @Test
    void twoTensorsOfOneNameAreRefused() {
        TensorSource tensor = TensorSource.of("a", new float[] {1}, new Shape(1), DType.F32);
        assertThatThrownBy(() -> SafetensorsWriter.write(Storage.disk(), file, List.of(tensor, tensor)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two tensors are named \"a\"");
    }

    @Test
    void aModelThatFitsIsOneFile() throws IOException {
        Path model = directory.resolve("model");
        try (DirectoryTransaction transaction = Storage.disk().beginDirectory(model)) {
            assertThat(SafetensorsWriter.writeModel(transaction, tensors(), 84)).containsExactly("model.safetensors");
            transaction.commit();
        }
        assertThat(model.toFile().list()).containsExactly("model.safetensors");
    }

    @Test
    void aLargerModelBecomesShardsWithAnIndexThatReadBack() throws IOException {
        Path model = directory.resolve("model");
        try (DirectoryTransaction transaction = Storage.disk().beginDirectory(model)) {
            // 4 + 4 elements fit 32 bytes; the tensor of 12 is larger than a shard and stands alone.
            assertThat(SafetensorsWriter.writeModel(transaction, tensors(), 32))
                    .containsExactly(
                            "model-00001-of-00003.safetensors",
                            "model-00002-of-00003.safetensors",
                            "model-00003-of-00003.safetensors");
            transaction.commit();
        }
        assertThat(Files.readString(model.resolve("model.safetensors.index.json")))
                .isEqualTo("""
                        {
                          "metadata": {
                            "total_size": 84
                          },
                          "weight_map": {
                            "a": "model-00001-of-00003.safetensors",
                            "b": "model-00001-of-00003.safetensors",
                            "c": "model-00002-of-00003.safetensors",
                            "d": "model-00003-of-00003.safetensors"
                          }
                        }
                        """);
        try (WeightDirectory weights = WeightDirectory.open(model)) {
            assertThat(weights.names()).containsExactlyInAnyOrder("a", "b", "c", "d");
            assertThat(weights.readFloats("d", NonFinite.REFUSE)).containsExactly(4);
            assertThat(weights.info("c").shape()).isEqualTo(new Shape(3, 4));
        }
    }

    private static List<TensorSource> tensors() {
        return List.of(
                TensorSource.of("a", new float[] {1, 1, 1, 1}, new Shape(4), DType.F32),
                TensorSource.of("b", new float[] {2, 2, 2, 2}, new Shape(2, 2), DType.F32),
                TensorSource.of("c", new float[12], new Shape(3, 4), DType.F32),
                TensorSource.of("d", new float[] {4}, new Shape(1), DType.F32));
    }

    @Test
    void aFailureOfAnyStorageStepLeavesTheOldFileAsItWas() throws IOException {
        List<TensorSource> tensors = tensors();
        SafetensorsWriter.write(Storage.disk(), file, tensors.subList(0, 1));
        byte[] before = Files.readAllBytes(file);
        int failures = 0;
        boolean failed = true;
        for (int failing = 0; failed; failing++) {
            int[] countdown = {failing};
            Storage faulty = Storage.disk().observed((step, path) -> {
                if (countdown[0]-- == 0) {
                    throw new IOException("injected");
                }
            });
            try {
                SafetensorsWriter.write(faulty, file, tensors);
                failed = false;
            } catch (IOException e) {
                failures++;
                byte[] now = Files.readAllBytes(file);
                // Once renamed the new file is complete, though the directory may not be synced yet.
                assertThat(now.length == before.length || isComplete()).isTrue();
            }
        }
        assertThat(failures).isGreaterThanOrEqualTo(4);
        assertThat(isComplete()).isTrue();
    }

    private boolean isComplete() {
        try (SafetensorsFile opened = SafetensorsFile.open(file)) {
            return opened.tensors().size() == 4;
        }
    }
}
