package org.rlhf4j.base;

import java.nio.charset.StandardCharsets;

/**
 * A stream of pseudo-random numbers that any language can repeat: SplitMix64, with named children.
 *
 * <p>All arithmetic is on unsigned 64-bit words, modulo 2^64. A stream has a key; its state starts as the key.
 *
 * <ul>
 *   <li>{@link #nextLong()}: {@code state += 0x9E3779B97F4A7C15; return mix(state)}, where {@code mix(z)} is
 *       {@code z = (z ^ z>>>30) * 0xBF58476D1CE4E5B9; z = (z ^ z>>>27) * 0x94D049BB133111EB; z ^ z>>>31}.
 *   <li>{@link #of(long)}: the key is the seed itself, so seed 1234567 starts with 6457827717110365317.
 *   <li>{@link #child(long)}: the child's key is {@code mix(mix(key + 0x9E3779B97F4A7C15) ^ mix(id +
 *       0xD1B54A32D192ED03))}. It depends on the parent's key alone, never on how much was drawn from the parent.
 *   <li>{@link #child(String)}: {@code child(id)} with the 64-bit FNV-1a hash of the name's UTF-8 bytes.
 * </ul>
 *
 * <p>The generator is that of Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014,
 * with the output function of their reference code. It serves sampling and shuffling; it is not for secrets. A stream
 * has mutable state: one thread at a time.
 */
public final class SeededStream {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;
    private static final long CHILD_OFFSET = 0xD1B54A32D192ED03L;
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private final long key;
    private long state;

    private SeededStream(long key) {
        this.key = key;
        this.state = key;
    }

    /**
     * The root stream of a seed.
     *
     * @param seed any number
     * @return a stream at its start
     */
    public static SeededStream of(long seed) {
        return new SeededStream(seed);
    }

    /**
     * The stream of a seed and a path of names: {@code of(seed).child(names[0]).child(names[1])...}.
     *
     * @param seed any number
     * @param names what the numbers are for
     * @return a stream at its start
     */
    public static SeededStream of(long seed, String... names) {
        SeededStream stream = of(seed);
        for (String name : names) {
            stream = stream.child(name);
        }
        return stream;
    }

    /**
     * The stream of a seed and a path of numbers: {@code of(seed).child(ids[0]).child(ids[1])...}.
     *
     * @param seed any number
     * @param ids for instance row and position
     * @return a stream at its start
     */
    public static SeededStream of(long seed, long... ids) {
        SeededStream stream = of(seed);
        for (long id : ids) {
            stream = stream.child(id);
        }
        return stream;
    }

    /**
     * An independent stream for one number, the same however much was drawn from this one.
     *
     * @param id for instance a row number
     * @return a stream at its start
     */
    public SeededStream child(long id) {
        return new SeededStream(mix(mix(key + GOLDEN_GAMMA) ^ mix(id + CHILD_OFFSET)));
    }

    /**
     * An independent stream for one purpose, the same however much was drawn from this one.
     *
     * @param name what the numbers are for
     * @return a stream at its start
     */
    public SeededStream child(String name) {
        long hash = FNV_OFFSET;
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
        }
        return child(hash);
    }

    /** The next 64 bits. */
    public long nextLong() {
        state += GOLDEN_GAMMA;
        return mix(state);
    }

    /**
     * A number from 0 (inclusive) to the bound (exclusive), each equally likely.
     *
     * <p>Lemire's multiply-and-reject (arXiv:1805.10941): {@code m = (nextLong() >>> 32) * bound}; draw again while the
     * low 32 bits of m are below {@code 2^32 mod bound}; the result is {@code m >>> 32}.
     *
     * @param bound how many numbers there are to choose from
     * @return the number
     * @throws IllegalArgumentException if the bound is not positive
     */
    public int nextInt(int bound) {
        if (bound <= 0) {
            throw new IllegalArgumentException("bound is " + bound + ", must be positive");
        }
        long threshold = (1L << 32) % bound;
        long product;
        do {
            product = (nextLong() >>> 32) * bound;
        } while ((product & 0xFFFFFFFFL) < threshold);
        return (int) (product >>> 32);
    }

    /** A number from 0 (inclusive) to 1 (exclusive): {@code (nextLong() >>> 11) / 2^53}. */
    public double nextDouble() {
        return (nextLong() >>> 11) * 0x1.0p-53;
    }

    /**
     * A number from the standard normal distribution.
     *
     * <p>Box and Muller, always two draws: {@code sqrt(-2 ln(1 - u)) * cos(2 pi v)}, with u then v from
     * {@link #nextDouble()} and {@link StrictMath}, so that it is the same on every machine.
     */
    public double nextGaussian() {
        double radius = StrictMath.sqrt(-2.0 * StrictMath.log(1.0 - nextDouble()));
        return radius * StrictMath.cos(2.0 * Math.PI * nextDouble());
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
