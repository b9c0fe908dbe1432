package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RolloutTest {
    private static final float NAN = Float.NaN;

    @Test
    void sizesAreThoseOfTheMask() {
        Rollout rollout = rollout(new float[][] {{-1, -2}}, new float[][] {{0.9f, 0}}, new boolean[][] {{true, true}});
        assertThat(rollout.rows()).isEqualTo(1);
        assertThat(rollout.width()).isEqualTo(2);
        Rollout empty = new Rollout(new float[0][], new float[0][], new float[0][], new float[0][], new boolean[0][]);
        assertThat(empty.rows()).isZero();
        assertThat(empty.width()).isZero();
    }

    @Test
    void anotherNumberOfRowsIsRefused() {
        assertThatThrownBy(() -> rollout(new float[][] {{-1}, {-1}}, new float[][] {{0}}, new boolean[][] {{true}}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("logProbs has 2 rows, the mask 1");
    }

    @Test
    void rowsOfAnotherLengthAreRefused() {
        boolean[][] mask = {{true}, {true}};
        assertThatThrownBy(() -> rollout(new float[][] {{-1}, {-1, -2}}, new float[][] {{0}, {0}}, mask))
                .hasMessage("logProbs has 2 steps in row 1, the mask 1 in row 0");
        boolean[][] ragged = {{true}, {true, true}};
        assertThatThrownBy(() -> rollout(new float[][] {{-1}, {-1, -2}}, new float[][] {{0}, {0, 0}}, ragged))
                .hasMessage("mask has 2 steps in row 1, the mask 1 in row 0");
    }

    @Test
    void numbersThatAreNotFiniteAreRefusedWithTheirPlace() {
        boolean[][] mask = {{true, true}, {true, true}};
        float[][] fine = {{0, 0}, {0, 0}};
        float[][] bad = {{0, 0}, {0, Float.POSITIVE_INFINITY}};
        assertThatThrownBy(() -> new Rollout(fine, fine, bad, fine, mask))
                .hasMessage("rewards is Infinity at row 1, step 1");
        assertThatThrownBy(() -> new Rollout(fine, new float[][] {{0, NAN}, {0, 0}}, fine, fine, mask))
                .hasMessage("values is NaN at row 0, step 1");
        assertThatThrownBy(() -> new Rollout(new float[][] {{0, 0}, {NAN, 0}}, fine, fine, fine, mask))
                .hasMessage("logProbs is NaN at row 1, step 0");
    }

    @Test
    void aDiscountOutOfRangeIsRefused() {
        boolean[][] mask = {{true, true}};
        for (float discount : new float[] {-0.1f, 1.1f, NAN}) {
            assertThatThrownBy(() -> rollout(new float[][] {{0, 0}}, new float[][] {{discount, 0}}, mask))
                    .hasMessage("the discount is " + discount + " at row 0, step 0: must be from 0 to 1");
        }
    }

    @Test
    void aDiscountOfNothingIsRefused() {
        String rest = ", but no step follows: add its value to the reward and give 0";
        boolean[][] mask = {{true, true}};
        assertThatThrownBy(() -> rollout(new float[][] {{0, 0}}, new float[][] {{0.9f, 0.5f}}, mask))
                .hasMessage("the discount is 0.5 at row 0, step 1" + rest);
        boolean[][] padded = {{true, false}};
        assertThatThrownBy(() -> rollout(new float[][] {{0, 0}}, new float[][] {{0.5f, 0}}, padded))
                .hasMessage("the discount is 0.5 at row 0, step 0" + rest);
    }

    @Test
    void paddingMayHoldAnything() {
        boolean[][] mask = {{false, true, false}};
        float[][] padded = {{NAN, -1, Float.NEGATIVE_INFINITY}};
        assertThat(new Rollout(padded, padded, padded, new float[][] {{7, 0, NAN}}, mask).rows())
                .isEqualTo(1);
    }

    private static Rollout rollout(float[][] logProbs, float[][] discounts, boolean[][] mask) {
        float[][] zeros = new float[mask.length][];
        for (int row = 0; row < mask.length; row++) {
            zeros[row] = new float[mask[row].length];
        }
        return new Rollout(logProbs, zeros, zeros, discounts, mask);
    }
}
