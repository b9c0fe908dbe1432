package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ExperienceTest {
    @Test
    void flatteningTakesRowAfterRow() {
        Experience flat = new Experience(
                        new float[][] {{-1, -2, -3}, {-4, -5, -6}},
                        new float[][] {{1, 2, 3}, {4, 5, 6}},
                        new float[][] {{10, 20, 30}, {40, 50, 60}},
                        new float[][] {{11, 22, 33}, {44, 55, 66}},
                        new boolean[][] {{true, true, false}, {true, false, false}})
                .flattened();

        assertThat(flat.rows()).isEqualTo(6);
        assertThat(flat.width()).isEqualTo(1);
        assertThat(flat.logProbs()).isDeepEqualTo(new float[][] {{-1}, {-2}, {-3}, {-4}, {-5}, {-6}});
        assertThat(flat.values()).isDeepEqualTo(new float[][] {{1}, {2}, {3}, {4}, {5}, {6}});
        assertThat(flat.advantages()).isDeepEqualTo(new float[][] {{10}, {20}, {30}, {40}, {50}, {60}});
        assertThat(flat.returns()).isDeepEqualTo(new float[][] {{11}, {22}, {33}, {44}, {55}, {66}});
        assertThat(flat.mask()).isDeepEqualTo(new boolean[][] {{true}, {true}, {false}, {true}, {false}, {false}});
        assertThat(flat.rowsThatCount()).containsExactly(0, 1, 3);
    }

    @Test
    void nothingFlattensToNothing() {
        Experience empty =
                new Experience(new float[0][], new float[0][], new float[0][], new float[0][], new boolean[0][]);
        assertThat(empty.flattened().rows()).isZero();
        assertThat(empty.width()).isZero();
        assertThat(empty.rowsThatCount()).isEmpty();
    }

    @Test
    void shapesThatDifferAreRefused() {
        float[][] one = {{1}};
        boolean[][] mask = {{true}};
        assertThatThrownBy(() -> new Experience(one, one, new float[][] {{1}, {2}}, one, mask))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("advantages has 2 rows, the mask 1");
        assertThatThrownBy(() -> new Experience(one, one, one, new float[][] {{1, 2}}, mask))
                .hasMessage("returns has 2 steps in row 0, the mask 1 in row 0");
    }

    @Test
    void realStepsAreFiniteAndPaddingMayBeAnything() {
        float[][] one = {{1, 1}};
        float[][] bad = {{1, Float.NaN}};
        assertThatThrownBy(() -> new Experience(one, one, bad, one, new boolean[][] {{true, true}}))
                .hasMessage("advantages is NaN at row 0, step 1");
        assertThatThrownBy(() -> new Experience(one, bad, one, one, new boolean[][] {{true, true}}))
                .hasMessage("values is NaN at row 0, step 1");
        assertThat(new Experience(bad, bad, bad, bad, new boolean[][] {{true, false}}).rows())
                .isEqualTo(1);
    }
}
