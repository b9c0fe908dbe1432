package org.rlhf4j.preference.rank;

/** The logistic function without overflow. */
final class Logistic {
    private Logistic() {}

    /** {@code 1 / (1 + exp(-x))}. */
    static double of(double x) {
        return x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x));
    }

    /** Its logarithm. */
    static double log(double x) {
        return x >= 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
    }
}
