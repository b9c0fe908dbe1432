package org.rlhf4j.core.train;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** How fast recent steps were, and how long the rest will take at that pace. */
final class Pace {
    private static final int WINDOW = 32;

    private final Deque<long[]> recent = new ArrayDeque<>();
    private long tokens;
    private long nanos;

    /** Takes in a step. */
    void add(long stepTokens, long stepNanos) {
        if (recent.size() == WINDOW) {
            long[] oldest = recent.removeFirst();
            tokens -= oldest[0];
            nanos -= oldest[1];
        }
        recent.addLast(new long[] {stepTokens, stepNanos});
        tokens += stepTokens;
        nanos += stepNanos;
    }

    /** Tokens a second; 0 before the first step. */
    double tokensPerSecond() {
        return nanos <= 0 ? 0 : tokens * 1e9 / nanos;
    }

    /** Time of so many steps. */
    Duration of(long steps) {
        return recent.isEmpty() ? Duration.ZERO : Duration.ofNanos((long) ((double) nanos / recent.size() * steps));
    }
}
