package org.rlhf4j.preference.clean;

import java.util.Arrays;
import java.util.List;

/**
 * What texts are compared by: every run of a number of characters (code points) or words, as 64-bit hashes. A text that
 * is shorter is one run. Runs of different parts of a row are different whatever they say.
 *
 * @param words whether words are counted, which stand between white space; otherwise characters
 * @param size how many make a run
 */
record Shingles(boolean words, int size) {
    private static final long FACTOR = 0x9E3779B97F4A7C15L;

    /** The different hashes of each part in ascending order, at least one. */
    long[][] of(List<RowTexts.Part> parts) {
        return parts.stream().map(this::of).toArray(long[][]::new);
    }

    /** The different hashes of one part in ascending order. */
    long[] of(RowTexts.Part part) {
        long[] units = words
                ? words(part.text())
                : part.text().codePoints().asLongStream().toArray();
        long[] runs = new long[Math.max(1, units.length - size + 1)];
        long name = hash(part.name());
        for (int run = 0; run < runs.length; run++) {
            long key = name;
            for (int i = run; i < Math.min(run + size, units.length); i++) {
                key = (key ^ units[i]) * FACTOR;
                key ^= key >>> 32;
            }
            runs[run] = MinHash.mix(key);
        }
        return distinct(runs);
    }

    /**
     * How alike two rows are: as much as those of their parts that are least alike. So two pairs with one long prompt are
     * not alike when their short completions are not.
     *
     * @param a from {@link #of}
     * @param b from {@link #of}
     * @return the least Jaccard similarity of two parts, from 0 to 1; 0 where the one has more parts than the other
     */
    static double similarity(long[][] a, long[][] b) {
        if (a.length != b.length) {
            return 0;
        }
        double least = 1;
        for (int i = 0; i < a.length; i++) {
            least = Math.min(least, jaccard(a[i], b[i]));
        }
        return least;
    }

    /** Of two sets the part of all their numbers that both have. */
    static double jaccard(long[] a, long[] b) {
        int both = 0;
        for (int i = 0, j = 0; i < a.length && j < b.length; ) {
            if (a[i] == b[j]) {
                both++;
                i++;
                j++;
            } else if (a[i] < b[j]) {
                i++;
            } else {
                j++;
            }
        }
        return (double) both / (a.length + b.length - both);
    }

    private static long[] distinct(long[] all) {
        Arrays.sort(all);
        int size = 1;
        for (int i = 1; i < all.length; i++) {
            if (all[i] != all[size - 1]) {
                all[size++] = all[i];
            }
        }
        return Arrays.copyOf(all, size);
    }

    /** Normalised text has single spaces, but for the marks between turns. */
    private static long[] words(String text) {
        long[] hashes = new long[16];
        int count = 0;
        for (String word : text.split(" ", -1)) {
            if (!word.isEmpty()) {
                if (count == hashes.length) {
                    hashes = Arrays.copyOf(hashes, 2 * count);
                }
                hashes[count++] = hash(word);
            }
        }
        return Arrays.copyOf(hashes, count);
    }

    private static long hash(String text) {
        long hash = text.length();
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * FACTOR;
            hash ^= hash >>> 32;
        }
        return hash;
    }
}
