package org.rlhf4j.benchmarks;

import java.util.function.DoubleSupplier;

/** What is timed in control environments. */
interface ControlRace {
    /**
     * What a turn did.
     *
     * @param steps of all environments
     * @param value that must agree with the peer's; found outside of the time
     */
    record Turn(long steps, DoubleSupplier value) {}

    /** One turn, counted from 1. */
    Turn turn(int number);
}
