package org.rlhf4j.core.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlhf4j.base.Storage;
import org.rlhf4j.core.safetensors.DType;
import org.rlhf4j.core.safetensors.SafetensorsFile;
import org.rlhf4j.core.safetensors.SafetensorsFile.NonFinite;
import org.rlhf4j.core.safetensors.SafetensorsWriter;
import org.rlhf4j.core.safetensors.TensorInfo;
import org.rlhf4j.core.safetensors.TensorSource;
import org.rlhf4j.testing.JavaProcess;
import org.rlhf4j.testing.Leaks;

/** Weights are read into the memory of their tensors: neither Java's heap nor its buffers hold a second copy. */
final class LoadingMemoryTest {
    private static final int TENSORS = 48;
    private static final int ELEMENTS = 1 << 20;
    private static final long BYTES = (long) TENSORS * ELEMENTS * Float.BYTES;

    @Test
    void loadingTakesTheTensorsAndAFewMebibytes(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("model.safetensors");
        List<TensorSource> tensors = new ArrayList<>();
        for (int i = 0; i < TENSORS; i++) {
            tensors.add(new TensorSource(
                    "tensor " + i, new Shape(ELEMENTS), DType.F32, (first, count) -> new float[count]));
        }
        SafetensorsWriter.write(Storage.disk(), file, tensors);
        assertThat(Files.size(file)).isGreaterThan(BYTES);
        // A heap that could not hold them: what is garbage there is part of the figure.
        long[] small = load(file, "-Xmx64m");
        assertThat(small[1]).as("bytes of the process").isBetween(BYTES * 9 / 10, BYTES + (96L << 20));
        // A heap in which nothing is ever collected, so that buffers that are left to the collector would pile up.
        long[] large = load(file, "-Xmx1g", "-Xmn800m");
        assertThat(large[0]).as("bytes of direct buffers").isLessThan(16L << 20);
    }

    /** Direct memory of Java and growth of the process. */
    private static long[] load(Path file, String... options) {
        JavaProcess process = new JavaProcess().option("-XX:+UseSerialGC");
        for (String option : options) {
            process.option(option);
        }
        JavaProcess.Result result = process.run(Load.class, file.toString());
        assertThat(result.exitCode()).as(result.output()).isZero();
        return Arrays.stream(result.output().strip().split(" ", -1))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    /** Loads a file and prints how much direct memory Java has, and by how much the process grew. */
    static final class Load {
        private Load() {}

        public static void main(String[] arguments) {
            Torch.run(() -> {
                try (NDManager manager = Torch.manager().newSubManager();
                        SafetensorsFile file = SafetensorsFile.open(Path.of(arguments[0]))) {
                    long before = Leaks.residentBytes();
                    for (TensorInfo tensor : file.tensors()) {
                        file.read(tensor.name(), manager, NonFinite.REFUSE);
                    }
                    long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                            .filter(pool -> pool.getName().equals("direct"))
                            .mapToLong(BufferPoolMXBean::getTotalCapacity)
                            .sum();
                    new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)
                            .println(direct + " " + (Leaks.residentBytes() - before));
                }
            });
        }
    }
}
