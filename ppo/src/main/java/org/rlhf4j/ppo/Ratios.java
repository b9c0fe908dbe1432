package org.rlhf4j.ppo;

/**
 * Figures of the probability ratios {@code rho = pi(a) / pi_old(a)} of some steps: their sums, or, {@linkplain #over divided}
 * by how many there are, their means.
 *
 * @param kl1 of {@code -log rho}, the first estimate of KL(old || new), which may be negative; CleanRL's
 *     {@code old_approx_kl}
 * @param kl2 of {@code (log rho)^2 / 2}, the second; TRL's {@code approxkl}
 * @param kl3 of {@code (rho - 1) - log rho}, the third, never negative; CleanRL's and SB3's {@code approx_kl}, and what
 *     targetKl is held against
 * @param ratio of {@code rho}; TRL's {@code val/ratio}
 * @param squaredRatio of {@code rho^2}
 * @param outside of 1 where a ratio is outside of the clip range, else 0; CleanRL's and SB3's {@code clipfrac}
 * @param overflows of 1 where {@code |log rho|} is above {@link #MOST} and counts as that, else 0
 * @param deviation the largest {@code |rho - 1|} of all
 */
public record Ratios(
        double kl1,
        double kl2,
        double kl3,
        double ratio,
        double squaredRatio,
        double outside,
        double overflows,
        double deviation) {
    /** The largest {@code |log rho|}, in nats: e to this power times an advantage still fits a float32. */
    public static final double MOST = 80;

    /** Of no step. */
    static final Ratios NONE = new Ratios(0, 0, 0, 0, 0, 0, 0, 0);

    /** The sums over the steps of both. */
    Ratios plus(Ratios other) {
        return new Ratios(
                kl1 + other.kl1,
                kl2 + other.kl2,
                kl3 + other.kl3,
                ratio + other.ratio,
                squaredRatio + other.squaredRatio,
                outside + other.outside,
                overflows + other.overflows,
                Math.max(deviation, other.deviation));
    }

    /** The means, where these are sums over so many steps. */
    Ratios over(long steps) {
        return new Ratios(
                kl1 / steps,
                kl2 / steps,
                kl3 / steps,
                ratio / steps,
                squaredRatio / steps,
                outside / steps,
                overflows / steps,
                deviation);
    }

    /** The variance of {@code rho}, where these are means. */
    public double variance() {
        return Math.max(0, squaredRatio - ratio * ratio);
    }
}
