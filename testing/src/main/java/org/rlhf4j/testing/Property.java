package org.rlhf4j.testing;

import java.util.SplittableRandom;

/** Checks that a statement holds for many generated values, and says how to repeat the case that broke it. */
public final class Property {
    private static final int CASES = 100;

    private Property() {}

    /**
     * Makes one value out of random draws.
     *
     * @param <T> what it makes
     */
    @FunctionalInterface
    public interface Generator<T> {
        /** One value. */
        T next(Draws draws);
    }

    /**
     * A statement about a value; throws when it does not hold.
     *
     * @param <T> what it is about
     */
    @FunctionalInterface
    public interface Check<T> {
        /** Throws anything when the statement does not hold. */
        void accept(T value) throws Exception;
    }

    /** 100 cases. */
    public static <T> void forAll(Generator<T> generator, Check<? super T> check) {
        forAll(CASES, generator, check);
    }

    /** A given number of cases. */
    public static <T> void forAll(int cases, Generator<T> generator, Check<? super T> check) {
        Long replay = Long.getLong("rlhf4j.seed");
        long master = replay == null ? new SplittableRandom().nextLong() : replay;
        for (int i = 0; i < (replay == null ? cases : 1); i++) {
            long seed = master + i;
            T value = generator.next(new Draws(seed));
            try {
                check.accept(value);
            } catch (Exception | AssertionError e) {
                throw new AssertionError(
                        "fails for " + value + "; repeat with -Drlhf4j.seed=" + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
