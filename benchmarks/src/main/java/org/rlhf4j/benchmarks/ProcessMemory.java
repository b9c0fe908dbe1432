package org.rlhf4j.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory of this process as Linux counts it, in bytes. */
final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");

    private ProcessMemory() {}

    /** What is resident now; the peak counts from here on. */
    static long residentAndResetPeak() throws IOException {
        Files.writeString(CLEAR, "5");
        return status("VmRSS:");
    }

    /** The most that was resident since the peak was reset. */
    static long peak() throws IOException {
        return status("VmHWM:");
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
