package org.rlhf4j.control.random;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.rlhf4j.base.JsonFields;

/**
 * NumPy's {@code Generator}, that of {@code numpy.random.default_rng(seed)}: the same seed gives the same numbers, bit for
 * bit. It has mutable state: one thread at a time.
 */
public final class Generator {
    private static final double TWO_TO_MINUS_53 = 0x1p-53;

    private final Pcg64 bits = new Pcg64();

    /**
     * A generator at its start.
     *
     * @throws IllegalArgumentException if the seed is negative
     */
    public Generator(long seed) {
        seed(seed);
    }

    /**
     * Starts anew.
     *
     * @throws IllegalArgumentException if the seed is negative
     */
    public void seed(long seed) {
        if (seed < 0) {
            throw new IllegalArgumentException("a seed must be 0 or greater, not " + seed);
        }
        bits.start(SeedSequence.words(seed));
    }

    /** Where the stream of numbers stands. */
    public ObjectNode saved() {
        return bits.saved();
    }

    /**
     * Goes on where another generator was saved.
     *
     * @throws org.rlhf4j.base.DataFormatException if it is not what a generator saves
     */
    public void restore(JsonFields saved) {
        bits.restore(saved);
    }

    /** The next 64 bits. */
    public long nextLong() {
        return bits.nextLong();
    }

    /** Uniform in {@code [0, 1)}: 53 bits. */
    public double nextDouble() {
        return (bits.nextLong() >>> 11) * TWO_TO_MINUS_53;
    }

    /** Uniform between two finite numbers: {@code low + (high - low) * nextDouble()}. */
    public double uniform(double low, double high) {
        return low + (high - low) * nextDouble();
    }

    /**
     * Uniform among {@code 0 .. n - 1}: {@code Generator.integers(n)}, without bias (Lemire, "Fast Random Integer Generation
     * in an Interval", 2019, algorithm 5). A single number takes nothing from the stream.
     *
     * @throws IllegalArgumentException if n is not positive
     */
    public int integer(int n) {
        if (n <= 0) {
            throw new IllegalArgumentException("n must be positive, not " + n);
        }
        if (n == 1) {
            return 0;
        }
        long product = scaled(n);
        long threshold = (1L << 32) % n;
        while ((product & 0xffffffffL) < threshold) {
            product = scaled(n);
        }
        return (int) (product >>> 32);
    }

    /** Normal with mean 0 and variance 1. */
    public double standardNormal() {
        return Ziggurat.normal(this);
    }

    /** Exponential with mean 1. */
    public double standardExponential() {
        return Ziggurat.exponential(this);
    }

    private long scaled(int n) {
        return Integer.toUnsignedLong(bits.nextInt()) * n;
    }
}
