package org.rlhf4j.base;

/**
 * The order of rows in an epoch: a function of seed and epoch alone, so that a resumed run sees the same order.
 *
 * <p>Fisher-Yates (Durstenfeld's form): start from 0, 1, ..., n-1; for i from n-1 down to 1 swap the entries i and
 * {@code stream.nextInt(i + 1)}, with {@code stream = SeededStream.of(seed).child("permutation").child(epoch)}.
 */
public final class Permutation {
    private Permutation() {}

    /**
     * A permutation, each equally likely.
     *
     * @param n how many rows
     * @param seed the run's seed
     * @param epoch the epoch, counted from 0
     * @return the row numbers 0 to n-1 in the order of this epoch, {@code [n]}
     * @throws IllegalArgumentException if n is negative
     */
    public static int[] of(int n, long seed, long epoch) {
        if (n < 0) {
            throw new IllegalArgumentException("n is " + n + ", must not be negative");
        }
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        SeededStream stream = SeededStream.of(seed).child("permutation").child(epoch);
        for (int i = n - 1; i > 0; i--) {
            int j = stream.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
        return order;
    }
}
