package org.rlhf4j.preference.read;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;

/** By how many threads rows are parsed. What comes out does not depend on it. */
final class Threads {
    /** More would wait for the one that reads. */
    private static final int MOST = 8;

    private Threads() {}

    /**
     * The system property {@code rlhf4j.threads}, else the environment's {@code RLHF4J_THREADS}, else as many as there are
     * processors; at most 8.
     */
    static int count() {
        @Nullable String wanted = System.getProperty("rlhf4j.threads", System.getenv("RLHF4J_THREADS"));
        if (wanted == null || wanted.isBlank()) {
            return Math.min(MOST, Runtime.getRuntime().availableProcessors());
        }
        if (!wanted.strip().matches("[1-9][0-9]{0,3}")) {
            throw new DataFormatException("the number of threads is \"" + wanted + "\", must be an integer from 1 on");
        }
        return Math.min(MOST, Integer.parseInt(wanted.strip()));
    }
}
