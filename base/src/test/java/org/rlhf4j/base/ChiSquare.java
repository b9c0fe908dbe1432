package org.rlhf4j.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;

/** The chi-square test that counts are those of equally likely outcomes. */
final class ChiSquare {
    private ChiSquare() {}

    /** Fails when the statistic is more than five standard deviations from its mean, as once in millions of true cases. */
    static void assertUniform(int[] counts) {
        double expected = Arrays.stream(counts).sum() / (double) counts.length;
        double statistic = Arrays.stream(counts)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
        int freedom = counts.length - 1;
        // Mean k, variance 2k; the skewed tail of few degrees of freedom gets room by the additive term.
        assertThat(statistic)
                .as("chi-square of %d outcomes", counts.length)
                .isLessThanOrEqualTo(freedom == 0 ? 0 : freedom + 5 * Math.sqrt(2.0 * freedom) + 20);
        if (freedom > 100) {
            // Too even would be wrong as well.
            assertThat(statistic).isGreaterThan(freedom - 5 * Math.sqrt(2.0 * freedom));
        }
    }
}
