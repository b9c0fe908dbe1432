package org.rlhf4j.control.space;

/**
 * A set of values, with a generator of its own to sample from, as Gymnasium's {@code Space}.
 *
 * @param <T> a value
 */
public sealed interface Space<T> permits Discrete, Box {
    /** Whether the value belongs to the space. */
    boolean contains(T value);

    /**
     * Starts the generator of {@link #sample} anew; the same seed gives the same samples as in Gymnasium.
     *
     * @throws IllegalArgumentException if the seed is negative
     */
    void seed(long seed);

    /** A random value; a space that was never seeded starts from seed 0. */
    T sample();
}
