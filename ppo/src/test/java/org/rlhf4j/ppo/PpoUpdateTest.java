package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PpoUpdateTest {
    @Test
    void explainedVarianceIsOneOfPerfectValuesAndZeroOfAConstant() {
        assertThat(explained(new float[] {1, 2, 4}, 1, 2, 4)).isEqualTo(1);
        assertThat(explained(new float[] {7, 7, 7}, 1, 2, 4)).isCloseTo(0, within(1e-12));
    }

    @Test
    void explainedVarianceIsBelowZeroOfValuesThatPointTheWrongWay() {
        // returns 1, 3 have variance 1; the errors 1 - 3 and 3 - 1 have 4
        assertThat(explained(new float[] {3, 1}, 1, 3)).isCloseTo(-3, within(1e-12));
    }

    @Test
    void explainedVarianceDoesNotSeeAConstantError() {
        assertThat(explained(new float[] {11, 12, 14}, 1, 2, 4)).isCloseTo(1, within(1e-12));
    }

    @Test
    void equalReturnsHaveNoVarianceToExplain() {
        assertThat(explained(new float[] {1, 2, 3}, 0.1f, 0.1f, 0.1f)).isNaN();
        assertThat(explained(new float[] {})).isNaN();
    }

    @Test
    void explainedVarianceLeavesPaddingOut() {
        float[][] returns = {{1, Float.NaN, 3}};
        float[][] values = {{3, 5, 1}};
        Experience experience = new Experience(
                new float[1][3], values, new float[1][3], returns, new boolean[][] {{true, false, true}});
        assertThat(PpoUpdate.explainedVariance(experience)).isCloseTo(-3, within(1e-12));
    }

    private static double explained(float[] values, float... returns) {
        boolean[] mask = new boolean[values.length];
        Arrays.fill(mask, true);
        return PpoUpdate.explainedVariance(new Experience(
                new float[][] {new float[values.length]},
                new float[][] {values},
                new float[][] {new float[values.length]},
                new float[][] {returns},
                new boolean[][] {mask}));
    }
}
