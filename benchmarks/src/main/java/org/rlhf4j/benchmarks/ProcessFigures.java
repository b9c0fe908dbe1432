package org.rlhf4j.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory and processor time of this process as Linux counts them. */
final class ProcessFigures {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");

    private ProcessFigures() {}

    /** Bytes that are resident now; the peak counts from here on. */
    static long residentAndResetPeak() throws IOException {
        Files.writeString(CLEAR, "5");
        return status("VmRSS:");
    }

    /** The most bytes that were resident since the peak was reset. */
    static long peak() throws IOException {
        return status("VmHWM:");
    }

    /** Seconds of processor time on all cores so far. */
    static double cpuSeconds() {
        return 1e-9
                * ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                        .getProcessCpuTime();
    }

    private static long status(String key) throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith(key)) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new IOException(STATUS + " has no line " + key);
    }
}
