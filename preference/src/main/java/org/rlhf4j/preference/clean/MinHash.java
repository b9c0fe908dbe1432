package org.rlhf4j.preference.clean;

import org.rlhf4j.base.SeededStream;
import org.rlhf4j.preference.digest.Digest;

/**
 * MinHash (Broder, "On the resemblance and containment of documents", 1997): of each of n hash functions the least value
 * over a set. The values of two sets are equal with a probability of their Jaccard similarity J, so that the
 * share of equal values estimates it with a standard error of {@code sqrt(J (1 - J) / n)}.
 *
 * <p>The functions are {@code h(x) = (a x + b mod 2^64) / 2^32} of numbers that are hashes themselves, a odd and b from a
 * fixed {@link SeededStream}: the same on every machine.
 */
final class MinHash {
    private final long[] factors;
    private final long[] summands;

    /** With a number of hash functions. */
    MinHash(int size) {
        SeededStream stream = SeededStream.of(0, "minhash");
        factors = new long[size];
        summands = new long[size];
        for (int i = 0; i < size; i++) {
            factors[i] = stream.nextLong() | 1;
            summands[i] = stream.nextLong();
        }
    }

    /** The least value of each function over all numbers of the sets, of which there is at least one. */
    int[] signature(long[]... sets) {
        int[] least = new int[factors.length];
        for (int i = 0; i < least.length; i++) {
            long factor = factors[i];
            long summand = summands[i];
            long min = Long.MAX_VALUE;
            for (long[] set : sets) {
                for (long number : set) {
                    min = Math.min(min, (factor * number + summand) >>> 32);
                }
            }
            least[i] = (int) min;
        }
        return least;
    }

    /** Stands for the values {@code band * rows} to {@code (band + 1) * rows} of a signature. */
    static Digest band(int[] signature, int band, int rows) {
        long high = mix(band);
        long low = mix(~band);
        for (int i = band * rows; i < (band + 1) * rows; i++) {
            high = mix(high ^ signature[i]);
            low = mix(low + signature[i]);
        }
        return new Digest(high, low);
    }

    /** Spreads the bits of a number: the output function of SplitMix64. */
    static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
