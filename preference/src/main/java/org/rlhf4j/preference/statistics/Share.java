package org.rlhf4j.preference.statistics;

import java.util.List;

/**
 * A share with its 95 % interval.
 *
 * @param n of how many
 * @param count how many
 */
public record Share(long n, long count) {
    /** 97.5 % quantile of the standard normal distribution. */
    private static final double Z = 1.959963984540054;

    /** The share; NaN of none. */
    public double value() {
        return n == 0 ? Double.NaN : (double) count / n;
    }

    /**
     * The 95 % interval by Wilson (1927): {@code (p + z^2/2n -+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n)}. It takes the
     * n as independent.
     *
     * @return low and high; 0 and 1 of none
     */
    public List<Double> interval() {
        return interval((double) n);
    }

    /**
     * The interval where the n are worth fewer independent ones, as those of one cluster are: Wilson's with their number,
     * the effective sample size of Kish (1965).
     *
     * @param effective how many independent ones they are worth
     * @return low and high; 0 and 1 of none
     */
    public List<Double> interval(double effective) {
        if (n == 0 || !(effective > 0)) {
            return List.of(0.0, 1.0);
        }
        double p = value();
        double z2 = Z * Z / effective;
        double half = Z * Math.sqrt(p * (1 - p) / effective + z2 / (4.0 * effective));
        // At the ends the bounds are exactly 0 and 1, which rounding would miss.
        double low = count == 0 ? 0 : (p + z2 / 2 - half) / (1 + z2);
        double high = count == n ? 1 : (p + z2 / 2 + half) / (1 + z2);
        return List.of(low, high);
    }
}
