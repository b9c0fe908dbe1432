package org.rlhf4j.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random choices for a {@link Property}'s generator.
 *
 * <p>Everything is made of {@link #choose(long)}, whose results are written down. A shorter list of smaller results,
 * played back, makes a simpler value: this is how a failing case is shrunk, whatever the generator makes of it. So each
 * method gives its simplest value (0, the first, the empty list) for choices of 0.
 */
public final class Draws {
    private static final List<String> PIECES = List.of(
            "a",
            "b",
            "Z",
            "0",
            " ",
            "\n",
            "\r",
            "\r\n",
            "\t",
            "\"",
            "\\",
            "/",
            "{",
            "]",
            ",",
            ":",
            "é",
            "ß",
            "İ",
            "ı",
            "中",
            "\u0301",
            "\u2028",
            "\u00A0",
            "\u0000",
            "\uFFFD",
            "😀",
            "👩\u200D🚀");

    private final SplittableRandom random;
    private final List<Long> script;
    private final boolean scripted;
    private final List<Long> choices = new ArrayList<>();

    /** Draws anew from a seed. */
    Draws(long seed) {
        this.random = new SplittableRandom(seed);
        this.script = List.of();
        this.scripted = false;
    }

    /** Plays back choices; where they end, the choices are 0. */
    Draws(List<Long> script) {
        this.random = new SplittableRandom(0);
        this.script = script;
        this.scripted = true;
    }

    /** The choices made so far. */
    List<Long> choices() {
        return choices;
    }

    /**
     * A number from 0 (inclusive) to the bound (exclusive); 0 is the simplest.
     *
     * @param bound how many numbers there are to choose from
     * @return the number
     */
    public long choose(long bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound is " + bound + ", must be positive");
        }
        long choice;
        if (scripted) {
            choice = choices.size() < script.size() ? Math.min(script.get(choices.size()), bound - 1) : 0;
        } else {
            choice = random.nextLong(bound);
        }
        choices.add(choice);
        return choice;
    }

    /** A number between both bounds, inclusive; the simplest is the one nearest to 0. */
    public int between(int low, int high) {
        return (int) between((long) low, (long) high);
    }

    /** A number between both bounds, inclusive, which are less than 2^63 apart; the simplest is the one nearest to 0. */
    public long between(long low, long high) {
        long choice = choose(Math.addExact(Math.subtractExact(high, low), 1));
        if (low >= 0) {
            return low + choice;
        }
        if (high <= 0) {
            return high - choice;
        }
        return choice <= high ? choice : high - choice;
    }

    /** Any long. */
    public long anyLong() {
        return choose(1L << 32) | choose(1L << 32) << 32;
    }

    /** True or false; false is simpler. */
    public boolean flip() {
        return choose(2) == 1;
    }

    /** A number from low (inclusive) to high (exclusive); low is the simplest. */
    public double between(double low, double high) {
        return low + (high - low) * (choose(1L << 53) * 0x1.0p-53);
    }

    /** Any double that is a number: of every magnitude, with zeros, whole numbers and the extremes more often than not. */
    public double anyFinite() {
        return switch ((int) choose(4)) {
            case 0 -> between(-100L, 100L);
            case 1 -> between(-10.0, 10.0);
            case 2 ->
                pick(List.of(0.0, -0.0, Double.MIN_VALUE, -Double.MIN_VALUE, Double.MAX_VALUE, -Double.MAX_VALUE));
            default -> {
                double value = Double.longBitsToDouble(anyLong());
                yield Double.isFinite(value) ? value : 0;
            }
        };
    }

    /** One of the values; the first is the simplest. */
    public <T> T pick(List<T> values) {
        return values.get((int) choose(values.size()));
    }

    /** A list of up to so many values; the empty list is the simplest. */
    public <T> List<T> list(int maxSize, Property.Generator<T> generator) {
        return list(0, maxSize, generator);
    }

    /** A list of a size between both bounds, inclusive; about half-way between them on average. */
    public <T> List<T> list(int minSize, int maxSize, Property.Generator<T> generator) {
        List<T> values = new ArrayList<>();
        for (int i = 0; i < minSize; i++) {
            values.add(generator.next(this));
        }
        // A choice before each value, not one size in front, lets the shrinker cut a value out of the middle.
        long more = (maxSize - minSize) / 2 + 2L;
        while (values.size() < maxSize && choose(more) != 0) {
            values.add(generator.next(this));
        }
        return values;
    }

    /** So many numbers from low (inclusive) to high (exclusive). */
    public double[] doubles(int size, double low, double high) {
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            values[i] = between(low, high);
        }
        return values;
    }

    /** So many numbers from low (inclusive) to high (exclusive). */
    public float[] floats(int size, float low, float high) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) between((double) low, (double) high);
        }
        return values;
    }

    /** So many bytes. */
    public byte[] bytes(int size) {
        byte[] values = new byte[size];
        for (int i = 0; i < size; i++) {
            values[i] = (byte) choose(256);
        }
        return values;
    }

    /**
     * Text of up to so many pieces, chosen to break careless code: letters and white space, quotes and brackets, all line
     * ends, combining marks, letters whose case depends on the language, NUL, characters beyond 16 bits.
     */
    public String text(int maxPieces) {
        return text(0, maxPieces);
    }

    /** As {@link #text(int)}, with at least so many pieces. */
    public String text(int minPieces, int maxPieces) {
        return String.join("", list(minPieces, maxPieces, draws -> draws.pick(PIECES)));
    }

    /** A word of lower-case ASCII letters, of a length between both bounds. */
    public String word(int minLength, int maxLength) {
        StringBuilder word = new StringBuilder();
        list(minLength, maxLength, draws -> word.append((char) ('a' + draws.choose(26))));
        return word.toString();
    }
}
