package org.rlhf4j.testing;

import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Checks that repeating something keeps no tensors and no memory. */
public final class Leaks {
    private static final Path LINUX_STATUS = Path.of("/proc/self/status");

    private Leaks() {}

    /**
     * Asserts that a step leaves as many arrays in a manager as it found, each time.
     *
     * @param manager the manager that results may leak into: that of the weights, or the root
     * @param warmUps how often the step runs before the count is taken, for state that is made on first use
     * @param steps how often it runs after that, at least 1
     * @param step what is repeated
     */
    public static void assertNone(NDManager manager, int warmUps, int steps, Runnable step) {
        for (int i = 0; i < warmUps; i++) {
            step.run();
        }
        int before = count(manager);
        List<Integer> counts = new ArrayList<>();
        for (int i = 0; i < steps; i++) {
            step.run();
            counts.add(count(manager));
        }
        if (counts.stream().anyMatch(count -> count != before)) {
            throw new AssertionError("the manager had " + before + " arrays after " + warmUps
                    + " steps of warm-up; after each step that followed: " + counts);
        }
    }

    /** How many arrays a manager holds, without those of its sub-managers. */
    public static int count(NDManager manager) {
        return manager.getManagedArrays().size();
    }

    /**
     * The memory of this process that is resident, in bytes: native allocations count, which the Java heap's figures do
     * not show. Where there is no {@code /proc}, the committed virtual memory.
     */
    public static long residentBytes() {
        if (!Files.exists(LINUX_STATUS)) {
            return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                    .getCommittedVirtualMemorySize();
        }
        try {
            for (String line : Files.readAllLines(LINUX_STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new IllegalStateException(LINUX_STATUS + " has no line VmRSS");
    }
}
