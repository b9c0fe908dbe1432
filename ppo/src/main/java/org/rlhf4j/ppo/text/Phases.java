package org.rlhf4j.ppo.text;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Seconds that the phases of one rollout took. */
final class Phases {
    private final Map<String, Double> seconds = new LinkedHashMap<>();

    /** Does some work and counts its time. */
    <R> R time(String phase, Supplier<R> work) {
        long begin = System.nanoTime();
        R result = work.get();
        seconds.merge(phase, (System.nanoTime() - begin) / 1e9, Double::sum);
        return result;
    }

    /** By phase, in the order of their first work. */
    Map<String, Double> seconds() {
        return seconds;
    }

    /** All of it. */
    double total() {
        return seconds.values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
