package org.rlhf4j.benchmarks;

/** What is timed. */
interface Race extends AutoCloseable {
    /** One step; returns JSON that must agree with the peer's at the same step. */
    String step();

    @Override
    void close();
}
