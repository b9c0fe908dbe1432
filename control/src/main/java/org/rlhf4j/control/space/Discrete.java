package org.rlhf4j.control.space;

/** The whole numbers {@code start .. start + n - 1}. */
public final class Discrete implements Space<Integer> {
    private final int n;
    private final int start;

    /** The numbers from 0 to {@code n - 1}. */
    public Discrete(int n) {
        this(n, 0);
    }

    /** The {@code n} numbers from {@code start} on. */
    public Discrete(int n, int start) {
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
        return value >= start && value < start + n;
    }

    @Override
    public void seed(long seed) {}

    @Override
    public Integer sample() {
        return start;
    }
}
