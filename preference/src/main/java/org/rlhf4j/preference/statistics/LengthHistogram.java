package org.rlhf4j.preference.statistics;

import java.util.Arrays;

/**
 * Counts lengths in a few kilobytes: exact below {@value #EXACT}, above in buckets a thousandth of the length wide.
 */
final class LengthHistogram {
    private static final int EXACT = 1 << 14;
    private static final int STEP_BITS = 10;
    private static final int EXACT_BITS = 14;

    private long[] counts = new long[1024];
    private long n;
    private double sum;
    private int min = Integer.MAX_VALUE;
    private int max;

    void add(int length) {
        int bucket = bucket(length);
        if (bucket >= counts.length) {
            counts = Arrays.copyOf(counts, Math.max(bucket + 1, counts.length * 2));
        }
        counts[bucket]++;
        n++;
        sum += length;
        min = Math.min(min, length);
        max = Math.max(max, length);
    }

    /** All zero when nothing was added. */
    StatisticsReport.Lengths summary() {
        if (n == 0) {
            return new StatisticsReport.Lengths(0, 0, 0, 0, 0, 0, 0);
        }
        return new StatisticsReport.Lengths(n, sum / n, min, percentile(50), percentile(90), percentile(99), max);
    }

    /** The smallest length that at least so many percent of all do not exceed (nearest rank). */
    private int percentile(int percent) {
        long rank = Math.max(1, (long) Math.ceil(n * (percent / 100.0)));
        long seen = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            seen += counts[bucket];
            if (seen >= rank) {
                return Math.min(max, Math.max(min, lowest(bucket)));
            }
        }
        return max;
    }

    private static int bucket(int length) {
        if (length < EXACT) {
            return length;
        }
        int octave = 31 - Integer.numberOfLeadingZeros(length) - EXACT_BITS;
        int within = (length >>> (octave + EXACT_BITS - STEP_BITS)) - (1 << STEP_BITS);
        return EXACT + (octave << STEP_BITS) + within;
    }

    private static int lowest(int bucket) {
        if (bucket < EXACT) {
            return bucket;
        }
        int octave = (bucket - EXACT) >>> STEP_BITS;
        int within = (bucket - EXACT) & ((1 << STEP_BITS) - 1);
        return ((1 << STEP_BITS) + within) << (octave + EXACT_BITS - STEP_BITS);
    }
}
