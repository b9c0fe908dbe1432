package org.rlhf4j.control.random;

/**
 * Spreads a seed over the 256 bits that a {@link Pcg64} starts from, as NumPy's {@code SeedSequence(seed)} does (after
 * O'Neill, "Developing a seed_seq Alternative", 2015). All arithmetic is on unsigned 32-bit words.
 */
final class SeedSequence {
    private static final int POOL_SIZE = 4;
    private static final int INIT_A = 0x43b0d7e5;
    private static final int MULT_A = 0x931e8875;
    private static final int INIT_B = 0x8b51f9dd;
    private static final int MULT_B = 0x58f38ded;
    private static final int MIX_LEFT = 0xca01f9dd;
    private static final int MIX_RIGHT = 0x4973f715;

    private final int[] pool = new int[POOL_SIZE];
    private int hash = INIT_A;

    private SeedSequence(long seed) {
        int[] words = {(int) seed, (int) (seed >>> 32), 0, 0};
        for (int i = 0; i < POOL_SIZE; i++) {
            pool[i] = hashed(words[i]);
        }
        for (int source = 0; source < POOL_SIZE; source++) {
            for (int target = 0; target < POOL_SIZE; target++) {
                if (source != target) {
                    pool[target] = mixed(pool[target], hashed(pool[source]));
                }
            }
        }
    }

    /**
     * The four words of 64 bits, {@code SeedSequence(seed).generate_state(4, uint64)}.
     *
     * @param seed not negative
     */
    static long[] words(long seed) {
        int[] pool = new SeedSequence(seed).pool;
        long[] words = new long[4];
        int hash = INIT_B;
        for (int i = 0; i < 2 * words.length; i++) {
            int word = pool[i % POOL_SIZE] ^ hash;
            hash *= MULT_B;
            word *= hash;
            word ^= word >>> 16;
            words[i / 2] |= Integer.toUnsignedLong(word) << (32 * (i % 2));
        }
        return words;
    }

    private int hashed(int word) {
        int value = word ^ hash;
        hash *= MULT_A;
        value *= hash;
        return value ^ value >>> 16;
    }

    private static int mixed(int left, int right) {
        int value = MIX_LEFT * left - MIX_RIGHT * right;
        return value ^ value >>> 16;
    }
}
