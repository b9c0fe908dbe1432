package org.rlhf4j.preference.rank;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class TiedSetsTest {
    @Test
    void sumsAreThoseOverEverySet() {
        double[] strengths = {0.3, -2, 5, 0, 1.5, -0.7};
        int n = strengths.length;
        for (int size = 2; size <= n; size++) {
            double sum = 0;
            double[][] with = new double[n][n];
            for (int set = 0; set < 1 << n; set++) {
                if (Integer.bitCount(set) == size) {
                    double mean = 0;
                    for (int i = 0; i < n; i++) {
                        mean += (set >> i & 1) * strengths[i] / size;
                    }
                    sum += Math.exp(mean);
                    for (int i = 0; i < n; i++) {
                        for (int j = 0; j <= i; j++) {
                            with[i][j] += (set >> i & 1) * (set >> j & 1) * Math.exp(mean);
                        }
                    }
                }
            }
            TiedSets sets = new TiedSets(size, strengths);
            assertThat(sets.logSum()).isEqualTo(Math.log(sum), within(1e-13));
            double[][] shares = sets.shares();
            for (int i = 0; i < n; i++) {
                for (int j = 0; j <= i; j++) {
                    assertThat(shares[i][j]).isEqualTo(with[i][j] / sum, within(1e-13));
                }
            }
        }
    }

    @Test
    void equalStrengthsHaveTheSharesOfDraws() {
        // Of k out of n drawn without replacement, i is among them with k/n, i and j with k (k - 1) / (n (n - 1)).
        for (int n : new int[] {28, 100, 1500}) {
            for (int k : new int[] {2, n / 2, n - 1}) {
                double[] strengths = new double[n];
                Arrays.fill(strengths, 3);
                double[][] shares = new TiedSets(k, strengths).shares();
                assertThat(shares[n - 1][n - 1]).isEqualTo((double) k / n, within(1e-12));
                assertThat(shares[n - 1][0]).isEqualTo(k * (k - 1.0) / (n * (n - 1.0)), within(1e-12));
            }
        }
    }
}
