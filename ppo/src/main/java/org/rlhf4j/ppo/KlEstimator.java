package org.rlhf4j.ppo;

/**
 * Estimates of {@code KL(pi || pi_ref)} from one action that pi drew: Schulman 2020, "Approximating KL Divergence"
 * (joschu.net/blog/kl-approx.html). With {@code d = log pi(a) - log pi_ref(a)}, in nats:
 *
 * <pre>
 *   K1  d                     unbiased; single ones may be negative
 *   K2  d^2 / 2               biased, never negative
 *   K3  (exp(-d) - 1) + d     unbiased, never negative
 * </pre>
 *
 * <p>As a term of a loss only K2 has the gradient of the divergence on average; that of K1 is 0 on average, that of K3 is
 * the gradient of {@code KL(pi_ref || pi)} (the forward divergence). The exponent of K3 counts as {@link Ratios#MOST} where it
 * is above, so that it does not overflow.
 */
public enum KlEstimator {
    /** The log-ratio itself. */
    K1,
    /** Half its square. */
    K2,
    /** The log-ratio with a control variate. */
    K3;

    /** The estimate for a log-ratio {@code log pi - log pi_ref}, in nats. */
    public double value(double logRatio) {
        return switch (this) {
            case K1 -> logRatio;
            case K2 -> 0.5 * logRatio * logRatio;
            // Near 0 the difference of ratio - 1 and logRatio is all rounding.
            case K3 -> Math.expm1(Math.min(-logRatio, Ratios.MOST)) + logRatio;
        };
    }

    /** Its derivative by {@code log pi}. */
    public double derivative(double logRatio) {
        return switch (this) {
            case K1 -> 1;
            case K2 -> logRatio;
            case K3 -> -Math.expm1(Math.min(-logRatio, Ratios.MOST));
        };
    }
}
