package org.rlhf4j.cli.doctor;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.HomeDirectory;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageFile;
import org.rlhf4j.core.run.MemoryLimit;
import org.rlhf4j.core.run.RunLock;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Torch;

/** This machine, looked at for {@link Checks}. */
final class Machine {
    /** What the tensor library takes on the disk when it is unpacked. */
    private static final long UNPACKED = 1L << 30;

    private final Path runs;

    /**
     * This one.
     *
     * @param runs the directory in which runs shall be written
     */
    Machine(Path runs) {
        this.runs = runs;
    }

    /** Each check when its turn has come. What may end the process, the tensor library, is among the last. */
    List<Supplier<Finding>> checks() {
        return List.of(
                Machine::java,
                () -> Checks.memory(MemoryLimit::bytes, Runtime.getRuntime().maxMemory()),
                () -> directory("runs", runs, 0, "name another directory for runs"),
                () -> directory("home", HomeDirectory.path(), unpacked() ? 0 : UNPACKED, "set RLHF4J_HOME"),
                () -> directory(
                        "temporary files", temporary(), 0, "set another with RLHF4J_JAVA_OPTS=-Djava.io.tmpdir=DIR"),
                () -> Checks.locks(this::lock),
                () -> Checks.sync(this::sync),
                () -> Checks.clock(
                        Instant.now().truncatedTo(ChronoUnit.SECONDS),
                        ZoneId.systemDefault().getId()),
                Machine::locale,
                () -> Checks.library(Machine::compute, libraries()),
                () -> Checks.device(Torch.onGpu(), System.getProperty("os.arch"), flags(Path.of("/proc/cpuinfo"))),
                () -> Checks.threads(
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("rlhf4j.threads", System.getenv("RLHF4J_THREADS")),
                        System.getenv("OMP_WAIT_POLICY"),
                        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage()));
    }

    private static Finding java() {
        return Checks.java(
                Runtime.version().feature(),
                Runtime.version() + " (" + System.getProperty("java.vendor") + ")",
                System.getProperty("sun.arch.data.model", "64"));
    }

    private static Finding locale() {
        // Windows hands names over as UTF-16, whatever the encoding of its programs is.
        boolean windows = System.getProperty("os.name").startsWith("Windows");
        return Checks.locale(
                windows ? "UTF-16" : System.getProperty("sun.jnu.encoding", "UTF-8"),
                Locale.getDefault().toString());
    }

    private static Path temporary() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** Writes a file to a directory, which is made for it where it is missing. */
    private static Finding directory(String name, Path path, long needed, String remedy) {
        Path made = path.toAbsolutePath();
        Optional<String> failure = Optional.empty();
        long free = 0;
        try {
            Files.createDirectories(made);
            Files.delete(Files.createTempFile(made, "rlhf-doctor", null));
            free = Files.getFileStore(made).getUsableSpace();
        } catch (IOException e) {
            failure = Optional.of(e.getClass().getSimpleName());
        }
        return Checks.directory(name, made, failure, free, needed, remedy);
    }

    private Optional<String> lock() throws IOException {
        Path run = Files.createTempDirectory(runs, "rlhf-doctor");
        try (RunLock lock = RunLock.acquire(Storage.disk(), run, List.of("rlhf", "doctor"))) {
            return lock.note();
        } finally {
            try (Stream<Path> files = Files.list(run)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(run);
        }
    }

    private Duration sync() throws IOException {
        Path file = Files.createTempFile(runs, "rlhf-doctor", null);
        try (StorageFile out = Storage.disk().openForAppend(file)) {
            out.write(ByteBuffer.allocate(1 << 20));
            long begin = System.nanoTime();
            out.sync();
            return Duration.ofNanos(System.nanoTime() - begin);
        } finally {
            Files.delete(file);
        }
    }

    /** Starts the engine and lets it compute. */
    private static String compute() {
        float sum = Torch.call(() ->
                HostCopy.create(Torch.manager(), new float[] {1, 2, 3}).sum().getFloat());
        if (sum != 6) {
            throw new IllegalStateException("1 + 2 + 3 is " + sum + " on this machine: unpack the library again, or"
                    + " look for a fault of memory or processor");
        }
        return Torch.describe();
    }

    private static boolean unpacked() {
        return Files.isDirectory(HomeDirectory.path().resolve("pytorch"));
    }

    private static String libraries() {
        @Nullable String own = System.getProperty("PYTORCH_LIBRARY_PATH", System.getenv("PYTORCH_LIBRARY_PATH"));
        return own == null ? HomeDirectory.path().resolve("pytorch").toString() : own;
    }

    /** What Linux says that the processor can do; empty elsewhere. */
    private static Set<String> flags(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                    .findFirst()
                    .map(line -> Set.of(line.replaceFirst("^[^:]*:", "").strip().split("\\s+")))
                    .orElse(Set.of());
        } catch (IOException e) {
            return Set.of();
        }
    }
}
