package org.rlhf4j.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RewardEvaluationTest {
    private static final double LN2 = Math.log(2);

    @Test
    void fourPairsByHand() {
        // differences 2, -1, 0, 1: right, wrong, equal (wrong), right -> 2 of 4; mean margin 2/4
        RewardEvaluation figures =
                RewardEvaluation.of(new double[] {2, 0, 1, 3}, new double[] {0, 1, 1, 2}, new double[] {1, 1, 1, 1});
        assertThat(figures.pairs()).isEqualTo(4);
        assertThat(figures.ties()).isZero();
        assertThat(figures.accuracy()).isEqualTo(0.5);
        assertThat(figures.margin()).isEqualTo(0.5);
        // Wilson, z = 1.959964, n = 4, p = 1/2: centre 1/2, half width z sqrt(1/16 + z²/64) / (1 + z²/4) = 0.349961
        assertThat(figures.accuracyLow()).isCloseTo(0.150039, within(1e-6));
        assertThat(figures.accuracyHigh()).isCloseTo(0.849961, within(1e-6));
        // log(1 + exp(-d)) for 2, -1, 0, 1: 0.126928 + 1.313262 + 0.693147 + 0.313262 = 2.446599
        assertThat(figures.loss()).isCloseTo(2.446599 / 4, within(1e-6));
        // scores 2 0 1 3 0 1 1 2: mean 10/8, mean square 20/8 -> variance 2.5 - 1.5625
        assertThat(figures.scoreMean()).isEqualTo(1.25);
        assertThat(figures.scoreDeviation()).isCloseTo(Math.sqrt(0.9375), within(1e-12));
    }

    @Test
    void calibrationErrorByHand() {
        // Confidences sigma(2) = 0.880797 (right), sigma(1) = 0.731059 twice (one wrong, one right), sigma(0) = 0.5
        // (wrong). Bins: |1 - 0.880797| + |1 - 1.462117| + |0 - 0.5| = 0.119203 + 0.462117 + 0.5, over 4 pairs.
        RewardEvaluation figures =
                RewardEvaluation.of(new double[] {2, 0, 1, 3}, new double[] {0, 1, 1, 2}, new double[] {1, 1, 1, 1});
        assertThat(figures.calibrationError()).isCloseTo(1.081320 / 4, within(1e-6));
    }

    @Test
    void aTieHasALossButNoRightAnswer() {
        RewardEvaluation figures = RewardEvaluation.of(new double[] {1, 0}, new double[] {0, 0}, new double[] {1, 0.5});
        assertThat(figures.ties()).isEqualTo(1);
        assertThat(figures.accuracy()).isEqualTo(1);
        assertThat(figures.loss()).isCloseTo((0.313262 + LN2) / 2, within(1e-6));
    }

    @Test
    void aLabelLessLikelyThanNotIsReadTheOtherWayRound() {
        RewardEvaluation figures = RewardEvaluation.of(new double[] {0}, new double[] {1}, new double[] {0.2});
        assertThat(figures.accuracy()).isEqualTo(1);
        assertThat(figures.margin()).isEqualTo(1);
    }

    @Test
    void onlyTiesGiveNoAccuracy() {
        RewardEvaluation figures = RewardEvaluation.of(new double[] {0}, new double[] {1}, new double[] {0.5});
        assertThat(figures.accuracy()).isNaN();
        assertThat(figures.loss()).isCloseTo((0.313262 + 1.313262) / 2, within(1e-6));
    }

    @Test
    void extremeScoresStayFinite() {
        RewardEvaluation figures = RewardEvaluation.of(new double[] {-2000}, new double[] {0}, new double[] {1});
        assertThat(figures.loss()).isEqualTo(2000);
        assertThat(figures.calibrationError()).isEqualTo(1);
    }

    @Test
    void unequalLengthsAreRefused() {
        assertThatThrownBy(() -> RewardEvaluation.of(new double[1], new double[2], new double[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1, 2 and 1");
    }
}
