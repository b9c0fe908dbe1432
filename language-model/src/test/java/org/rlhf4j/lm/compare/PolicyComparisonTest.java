package org.rlhf4j.lm.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Property;

class PolicyComparisonTest {
    private static ScoredSamples samples(double[]... scores) {
        int[][] tokens = Arrays.stream(scores).map(row -> new int[row.length]).toArray(int[][]::new);
        boolean[][] finished =
                Arrays.stream(scores).map(row -> new boolean[row.length]).toArray(boolean[][]::new);
        return new ScoredSamples(scores, tokens, finished);
    }

    @Test
    void figuresByHand() {
        ScoredSamples a = samples(new double[] {1, 3}, new double[] {2, 2}, new double[] {0, 4});
        ScoredSamples b = samples(new double[] {2, 4}, new double[] {2, 3}, new double[] {5, 5});
        PolicyComparison comparison = PolicyComparison.of(a, b, new double[][] {{0.5, 1.5}, {2, 2}, {-1, 1}});

        // Pairs of samples: prompt 1: 2>1, 2<3, 4>1, 4>3 = 3/4; prompt 2: two ties and two wins = 3/4; prompt 3: 1.
        assertThat(comparison.winRate().value()).isCloseTo(2.5 / 3, within(1e-12));
        // Gains 1, 0.5, 3: mean 1.5, deviation sqrt((0.25 + 1 + 2.25) / 2) = 1.322876; t(2, 0.975) = 4.302653.
        assertThat(comparison.gain().value()).isCloseTo(1.5, within(1e-12));
        assertThat(comparison.gain().high()).isCloseTo(1.5 + 4.302653 * 1.322876 / Math.sqrt(3), within(1e-5));
        assertThat(comparison.gain().low()).isCloseTo(1.5 - 4.302653 * 1.322876 / Math.sqrt(3), within(1e-5));
        assertThat(comparison.kl().value()).as("mean of 1, 2, 0").isCloseTo(1, within(1e-12));
        assertThat(a.meanScore().value()).isCloseTo(2, within(1e-12));
        // 1, 3, 2, 2, 0, 4 around 2: squares 1, 1, 0, 0, 4, 4.
        assertThat(a.scoreDeviation()).isCloseTo(Math.sqrt(10.0 / 5), within(1e-12));
    }

    @Test
    void wilsonsIntervalIsThePublishedOne() {
        // 15 of 20: 0.531 to 0.888 (Newcombe 1998 gives the formula; the value is computed from it by hand).
        double[] shares = new double[20];
        Arrays.fill(shares, 0, 15, 1);
        Estimate estimate = Estimate.share(shares);
        assertThat(estimate.low()).isCloseTo(0.5313, within(1e-4));
        assertThat(estimate.high()).isCloseTo(0.8881, within(1e-4));

        double[] all = new double[10];
        Arrays.fill(all, 1);
        assertThat(Estimate.share(all).high()).isCloseTo(1, within(1e-12));
        assertThat(Estimate.share(all).low()).as("ten of ten are no certainty").isCloseTo(0.7225, within(1e-4));
    }

    @Test
    void onePromptGivesNoInterval() {
        assertThat(Estimate.mean(new double[] {3}))
                .isEqualTo(new Estimate(3, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
    }

    @Test
    void aPolicyAgainstItselfWinsHalf() {
        Property.forAll(
                draws -> {
                    double[][] scores = new double[draws.between(1, 6)][draws.between(1, 5)];
                    for (double[] row : scores) {
                        Arrays.setAll(row, i -> draws.between(-3, 3));
                    }
                    return scores;
                },
                scores -> {
                    PolicyComparison comparison = PolicyComparison.of(
                            samples(scores), samples(scores), new double[scores.length][scores[0].length]);
                    assertThat(comparison.winRate().value()).isCloseTo(0.5, within(1e-12));
                    assertThat(comparison.gain().value()).isZero();
                    assertThat(comparison.kl().value()).isZero();
                });
    }

    @Test
    void bestOfNTakesWhatTheSelectorLikes() {
        ScoredSamples samples = samples(new double[] {1, 9, 5}, new double[] {4, 2, 3});
        BestOfN byScore = BestOfN.of(samples, samples.scores());
        assertThat(byScore.score().value()).isEqualTo(6.5);
        assertThat(byScore.klBound()).isCloseTo(Math.log(3) - 2.0 / 3, within(1e-12));
        BestOfN bySelector = BestOfN.of(samples, new double[][] {{7, 0, 7}, {0, 1, 0}});
        assertThat(bySelector.score().value())
                .as("the first of equals, and the second")
                .isEqualTo(1.5);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        ScoredSamples one = samples(new double[] {1});
        ScoredSamples two = samples(new double[] {1}, new double[] {1});
        assertThatThrownBy(() -> PolicyComparison.of(one, two, new double[1][1]))
                .hasMessageContaining("prompts");
        assertThatThrownBy(() -> samples(new double[] {Double.NaN})).hasMessageContaining("NaN");
        assertThatThrownBy(() -> samples(new double[] {1, 2}, new double[] {1})).hasMessageContaining("2 samples");
        assertThatThrownBy(() -> BestOfN.of(one, new double[][] {{1, 2}})).hasMessageContaining("selector");
    }
}
