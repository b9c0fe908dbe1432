package org.rlhf4j.control.space;

import org.rlhf4j.control.random.Generator;

/** The whole numbers {@code start .. start + n - 1}. */
public final class Discrete implements Space<Integer> {
    private final int n;
    private final int start;
    private final Generator generator = new Generator(0);

    /**
     * The numbers from 0 to {@code n - 1}.
     *
     * @throws IllegalArgumentException if n is not positive
     */
    public Discrete(int n) {
        this(n, 0);
    }

    /**
     * The {@code n} numbers from {@code start} on.
     *
     * @throws IllegalArgumentException if n is not positive, or the last number is above the largest int
     */
    public Discrete(int n, int start) {
        if (n <= 0) {
            throw new IllegalArgumentException("Discrete: n must be positive, not " + n);
        }
        if (start > Integer.MAX_VALUE - (n - 1)) {
            throw new IllegalArgumentException(
                    "Discrete: " + n + " numbers from " + start + " on are too large for int");
        }
        this.n = n;
        this.start = start;
    }

    /** How many numbers. */
    public int n() {
        return n;
    }

    /** The first number. */
    public int start() {
        return start;
    }

    @Override
    public boolean contains(Integer value) {
        return value >= start && (long) value - start < n;
    }

    @Override
    public void seed(long seed) {
        generator.seed(seed);
    }

    @Override
    public Integer sample() {
        return start + generator.integer(n);
    }

    /** Whether the other is a space of the same numbers; where the generators are does not count. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Discrete that && n == that.n && start == that.start;
    }

    @Override
    public int hashCode() {
        return 31 * n + start;
    }

    /** As Gymnasium writes it: {@code Discrete(2)}, {@code Discrete(3, start=1)}. */
    @Override
    public String toString() {
        return start == 0 ? "Discrete(" + n + ")" : "Discrete(" + n + ", start=" + start + ")";
    }
}
