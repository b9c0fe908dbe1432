package org.rlhf4j.cli.doctor;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.lm.MemoryEstimate;

/** What facts of a machine mean for training. Nothing here looks at the machine: {@link Machine} does. */
final class Checks {
    static final int OLDEST_JDK = 17;

    private static final long GIBIBYTE = 1L << 30;
    private static final Duration SLOW_SYNC = Duration.ofMillis(500);

    /** No clock is right before this was built, or a lifetime after. */
    private static final Instant EARLIEST = Instant.parse("2026-01-01T00:00:00Z");

    private static final Instant LATEST = Instant.parse("2100-01-01T00:00:00Z");

    /** What makes a processor of x86-64 fast, the best last. */
    private static final List<String> X86_FEATURES =
            List.of("avx2", "fma", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16");

    private Checks() {}

    /**
     * The Java that runs.
     *
     * @param feature its main version
     * @param version all of it, with its vendor
     * @param bits 64 or 32
     */
    static Finding java(int feature, String version, String bits) {
        if (feature < OLDEST_JDK) {
            return Finding.problem(
                    "java", "JDK %s is too old: install %d or newer, or set JAVA_HOME", version, OLDEST_JDK);
        }
        return bits.equals("64")
                ? Finding.ok("java", "JDK %s, 64 bit", version)
                : Finding.problem("java", "JDK %s has %s bit: install one of 64 bit", version, bits);
    }

    /**
     * What the process may take.
     *
     * @param limit in bytes; throws where a setting is no size
     * @param heap the most the virtual machine gives to objects; data and tokens live there, tensors do not
     */
    static Finding memory(LongSupplier limit, long heap) {
        long bytes;
        try {
            bytes = limit.getAsLong();
        } catch (IllegalArgumentException e) {
            return Finding.problem("memory", "%s", oneLine(e));
        }
        String found = MemoryEstimate.gibibytes(bytes) + " GiB for this process, " + MemoryEstimate.gibibytes(heap)
                + " GiB of it at most for Java objects";
        return bytes >= 2 * GIBIBYTE
                ? Finding.ok("memory", "%s", found)
                : Finding.warning(
                        "memory",
                        "%s: enough for tiny models only; end other programs, or raise the limit of the container",
                        found);
    }

    /**
     * A directory that is written to.
     *
     * @param name what it is for
     * @param path where
     * @param failure why nothing could be written; empty where it could
     * @param free bytes
     * @param needed bytes without which something fails
     * @param remedy another place, or another way
     */
    static Finding directory(String name, Path path, Optional<String> failure, long free, long needed, String remedy) {
        if (failure.isPresent()) {
            return Finding.problem(name, "%s cannot be written (%s): %s", path, failure.get(), remedy);
        }
        String found = path + " can be written, " + MemoryEstimate.gibibytes(free) + " GiB free";
        if (free < needed) {
            return Finding.problem(
                    name,
                    "%s, and %s GiB are needed: free some space, or %s",
                    found,
                    MemoryEstimate.gibibytes(needed),
                    remedy);
        }
        return free < GIBIBYTE
                ? Finding.warning(
                        name,
                        "%s: a run keeps two checkpoints of three times its model; free some space, or %s",
                        found,
                        remedy)
                : Finding.ok(name, "%s", found);
    }

    /**
     * Whether two processes can be kept from one run.
     *
     * @param outcome the note of a lock that is none; throws where the file cannot be made
     */
    static Finding locks(Attempt<Optional<String>> outcome) {
        try {
            return outcome.make()
                    .map(note -> Finding.warning("locks", "%s; or write runs to a local disk", note))
                    .orElse(Finding.ok("locks", "a second process is kept out of a run"));
        } catch (IOException e) {
            return Finding.problem("locks", "not checked, nothing can be written here (%s)", oneLine(e));
        }
    }

    /** How long it takes until bytes survive a power loss; throws where they do not. */
    static Finding sync(Attempt<Duration> outcome) {
        try {
            Duration time = outcome.make();
            String found = String.format(Locale.ROOT, "1 MiB is safe on the disk after %.1f ms", time.toNanos() / 1e6);
            return time.compareTo(SLOW_SYNC) < 0
                    ? Finding.ok("sync", "%s", found)
                    : Finding.warning(
                            "sync",
                            "%s, which is slow: write runs to a local disk, or give checkpoints more minutes",
                            found);
        } catch (IOException e) {
            return Finding.problem(
                    "sync", "files cannot be made to survive a power loss here (%s): use another disk", oneLine(e));
        }
    }

    /** Whether times in files will mean something. */
    static Finding clock(Instant now, String zone) {
        return now.isBefore(EARLIEST) || now.isAfter(LATEST)
                ? Finding.warning(
                        "clock", "it is %s UTC by this machine: set its clock; training itself does not use it", now)
                : Finding.ok("clock", "%s UTC; the time zone %s has no influence on files", now, zone);
    }

    /**
     * Whether every file can be named.
     *
     * @param names the encoding of file names
     * @param locale for the record
     */
    static Finding locale(String names, String locale) {
        return names.toUpperCase(Locale.ROOT).startsWith("UTF")
                ? Finding.ok("locale", "%s, file names in %s; neither has an influence on results", locale, names)
                : Finding.warning(
                        "locale",
                        "file names are in %s, so one with other letters cannot be opened: set LC_ALL=C.UTF-8",
                        names);
    }

    /**
     * The tensor library.
     *
     * @param starts versions and device, once it runs; throws one line where it does not
     * @param folder where its files are
     */
    static Finding library(Supplier<String> starts, String folder) {
        try {
            return Finding.ok("library", "%s, in %s", starts.get(), folder);
        } catch (RuntimeException | LinkageError e) {
            return Finding.problem("library", "%s", oneLine(e));
        }
    }

    /**
     * What computes.
     *
     * @param gpu whether tensors are on a GPU
     * @param arch of the processor
     * @param flags that the system lists for it; empty where it lists none
     */
    static Finding device(boolean gpu, String arch, Set<String> flags) {
        if (gpu) {
            return Finding.ok("device", "a GPU");
        }
        boolean x86 = arch.equals("amd64") || arch.equals("x86_64");
        if (x86 && !flags.isEmpty() && !flags.contains("avx2")) {
            return Finding.warning(
                    "device",
                    "a processor without AVX2, on which training takes several times as long: use a newer one, or give"
                            + " the virtual machine the processor model of its host");
        }
        String known =
                String.join(", ", X86_FEATURES.stream().filter(flags::contains).toList());
        return Finding.ok(
                "device",
                "the processor (%s%s); GPUs are used through docs/gpu.md",
                arch,
                known.isEmpty() ? "" : ", " + known);
    }

    /**
     * How many compute.
     *
     * @param processors that this process may use
     * @param wanted the setting RLHF4J_THREADS
     * @param waitPolicy the variable OMP_WAIT_POLICY
     * @param load how many processes want to run, on average of a minute; negative where unknown
     */
    static Finding threads(int processors, @Nullable String wanted, @Nullable String waitPolicy, double load) {
        int threads;
        try {
            threads = wanted == null || wanted.isBlank() ? processors : Integer.parseInt(wanted.strip());
        } catch (NumberFormatException e) {
            return Finding.problem("threads", "RLHF4J_THREADS is \"%s\": give a number of threads, 1 or more", wanted);
        }
        if (threads > processors) {
            return Finding.warning(
                    "threads",
                    "RLHF4J_THREADS is %d, but there are %d processors: threads wait for each other; set it to %d or less",
                    threads,
                    processors,
                    processors);
        }
        if ("active".equalsIgnoreCase(waitPolicy)) {
            return Finding.warning(
                    "threads", "OMP_WAIT_POLICY is ACTIVE: waiting threads take the processors of others; unset it");
        }
        return load > processors
                ? Finding.warning(
                        "threads",
                        "%.1f processes want %d processors already: end some, or set RLHF4J_THREADS lower",
                        load,
                        processors)
                : Finding.ok("threads", "%d for a tensor operation, %d processors", threads, processors);
    }

    /** Something that is tried. */
    @FunctionalInterface
    interface Attempt<T> {
        T make() throws IOException;
    }

    static String oneLine(Throwable e) {
        String message = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
