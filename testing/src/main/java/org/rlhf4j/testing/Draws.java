package org.rlhf4j.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Random choices for a {@link Property}. */
public final class Draws {
    private final SplittableRandom random;

    Draws(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** A number between both bounds, inclusive. */
    public int between(int low, int high) {
        return (int) longBetween(low, high);
    }

    /** A number between both bounds, inclusive. */
    public long longBetween(long low, long high) {
        return high == Long.MAX_VALUE ? low + random.nextLong(high - low) : random.nextLong(low, high + 1);
    }

    /** Any long. */
    public long anyLong() {
        return random.nextLong();
    }

    /** Heads or tails. */
    public boolean flip() {
        return random.nextBoolean();
    }

    /** A number from low (inclusive) to high (exclusive). */
    public double doubleBetween(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    /** One of the values. */
    public <T> T pick(List<T> values) {
        return values.get(between(0, values.size() - 1));
    }

    /** A list of up to so many values. */
    public <T> List<T> list(int maxSize, Property.Generator<T> generator) {
        int size = between(0, maxSize);
        List<T> values = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            values.add(generator.next(this));
        }
        return values;
    }

    /** Text of up to so many characters, from ASCII letters to emoji, quotes and line ends. */
    public String text(int maxLength) {
        List<String> pieces = List.of(
                "a", "b", "Z", "0", " ", "\n", "\r", "\t", "\"", "\\", "é", "ß", "İ", "中", "\u2028", "😀", "{", "]",
                ",");
        return String.join("", list(maxLength, draws -> draws.pick(pieces)));
    }
}
