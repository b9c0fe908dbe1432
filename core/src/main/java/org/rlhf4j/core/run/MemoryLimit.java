package org.rlhf4j.core.run;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How much memory this process may have in all, what it has already included. It is what the system has available
 * ({@code MemAvailable}), or less where a control group of Linux sets a limit (version 1 or 2, and those above it); on other
 * systems the free physical memory. {@code RLHF4J_MEMORY}, or the property {@code rlhf4j.memory}, overrides it.
 */
public final class MemoryLimit {
    private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)([kmgt]?)(?:i?b)?");

    /** A group without a limit says a number near 2^63. */
    private static final long NO_LIMIT = 1L << 60;

    private MemoryLimit() {}

    /**
     * That of this process, in bytes.
     *
     * @throws IllegalArgumentException if {@code RLHF4J_MEMORY} is no size
     */
    public static long bytes() {
        @Nullable String wanted = System.getProperty("rlhf4j.memory", System.getenv("RLHF4J_MEMORY"));
        if (wanted != null && !wanted.isBlank()) {
            return parse(wanted);
        }
        Path proc = Path.of("/proc");
        OptionalLong free = kibibytes(proc.resolve("meminfo"), "MemAvailable:");
        if (free.isEmpty()) {
            return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class)
                    .getFreeMemorySize();
        }
        long room = Math.min(free.getAsLong(), roomOfGroups(proc.resolve("self/cgroup"), Path.of("/sys/fs/cgroup")));
        return room + kibibytes(proc.resolve("self/status"), "VmRSS:").orElse(0);
    }

    /** The most bytes that were resident at once in this process so far, where the system counts them. */
    public static OptionalLong peak() {
        return kibibytes(Path.of("/proc/self/status"), "VmHWM:");
    }

    /** A size such as {@code 20g}, {@code 1.5GiB}, {@code 800m} or a number of bytes; units are powers of 1024. */
    static long parse(String text) {
        Matcher matcher = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "RLHF4J_MEMORY is \"" + text + "\": give a size such as 20g, 800m or a number of bytes");
        }
        String unit = matcher.group(2);
        int power = unit.isEmpty() ? 0 : 10 * (1 + "kmgt".indexOf(unit));
        return (long) (Double.parseDouble(matcher.group(1)) * (1L << power));
    }

    /**
     * What the control groups of a process still let it take: their limit less what they use and cannot give back.
     *
     * @param groups {@code /proc/self/cgroup}
     * @param root {@code /sys/fs/cgroup}
     */
    static long roomOfGroups(Path groups, Path root) {
        long room = Long.MAX_VALUE;
        for (String line : lines(groups)) {
            String[] parts = line.split(":", 3);
            boolean second = parts.length == 3 && parts[1].isEmpty();
            boolean first = parts.length == 3 && List.of(parts[1].split(",")).contains("memory");
            if (second || first) {
                Path top = first ? root.resolve("memory") : root;
                Path group = top.resolve(parts[2].replaceFirst("^/+", "")).normalize();
                // In a container the path may be one of the host's, while the group itself is mounted at the top.
                @Nullable Path each = group.startsWith(top) ? group : top;
                while (each != null && each.startsWith(top)) {
                    long left = second ? room(each, "max", "current") : room(each, "limit_in_bytes", "usage_in_bytes");
                    room = Math.min(room, left);
                    each = each.getParent();
                }
            }
        }
        return room;
    }

    private static long room(Path group, String limit, String used) {
        long most = number(group.resolve("memory." + limit));
        if (most < 0 || most >= NO_LIMIT) {
            return Long.MAX_VALUE;
        }
        // Pages of files that nobody reads are given back when memory is short.
        long files = lines(group.resolve("memory.stat")).stream()
                .filter(line -> line.matches("(total_)?inactive_file \\d+"))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                .max()
                .orElse(0);
        return Math.max(0, most - Math.max(0, number(group.resolve("memory." + used)) - files));
    }

    /** The number in a file; -1 where there is none. */
    private static long number(Path file) {
        return lines(file).stream()
                .filter(line -> line.matches("\\d{1,18}"))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(-1);
    }

    private static OptionalLong kibibytes(Path file, String key) {
        return lines(file).stream()
                .filter(line -> line.startsWith(key))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                .findFirst();
    }

    /** The lines of a file of the system; none where it cannot be read. */
    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }
}
