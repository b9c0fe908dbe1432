package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import org.junit.jupiter.api.Test;
import org.rlhf4j.ppo.PpoConfig.AdvantageNormalization;

class MinibatchTest {
    private static final float[][] ADVANTAGES = {{1, 3}, {10, 0}, {5, 9}};
    private static final Experience EXPERIENCE = new Experience(
            new float[][] {{-1, -2}, {-3, -4}, {-5, -6}},
            new float[][] {{1, 2}, {3, 4}, {5, 6}},
            ADVANTAGES,
            new float[][] {{2, 5}, {13, 0}, {10, 15}},
            new boolean[][] {{true, true}, {true, false}, {true, true}});

    @Test
    void rowsAreTakenInTheirOrderAndCutIntoParts() {
        Minibatch minibatch = minibatch(AdvantageNormalization.NONE, 1, 2, 1);
        assertThat(minibatch.steps()).isEqualTo(3);
        assertThat(minibatch.parts()).hasSize(2);
        Minibatch.Part first = minibatch.parts().get(0);
        assertThat(first.rows()).containsExactly(2);
        assertThat(first.old().logProbs()).containsExactly(-5, -6);
        assertThat(first.old().values()).containsExactly(5, 6);
        assertThat(first.old().advantages()).containsExactly(5, 9);
        assertThat(first.old().returns()).containsExactly(10, 15);
        Minibatch.Part second = minibatch.parts().get(1);
        assertThat(second.rows()).containsExactly(1);
        assertThat(second.old().logProbs()).containsExactly(-3, -4);
        assertThat(second.old().mask()).containsExactly(true, false);
    }

    @Test
    void advantagesAreNormalizedOverTheMiniBatchNotItsParts() {
        // 5, 9, 10: mean 8, deviation sqrt((9 + 1 + 4) / 2)
        Minibatch minibatch = minibatch(AdvantageNormalization.MINIBATCH, 1, 2, 1);
        double deviation = Math.sqrt(7);
        assertClose(minibatch.parts().get(0).old().advantages(), new double[] {-3 / deviation, 1 / deviation}, 1e-6, 0);
        assertClose(minibatch.parts().get(1).old().advantages(), new double[] {2 / deviation, 0}, 1e-6, 0);
    }

    @Test
    void orOverTheWholeRollout() {
        // 1, 3, 10, 5, 9: mean 5.6, squares 21.16 + 6.76 + 19.36 + 0.36 + 11.56 = 59.2
        double deviation = Math.sqrt(59.2 / 4);
        float[][] all = Minibatch.normalizedOverAll(EXPERIENCE);
        assertClose(all[0], new double[] {-4.6 / deviation, -2.6 / deviation}, 1e-6, 0);
        assertClose(all[1], new double[] {4.4 / deviation, 0}, 1e-6, 0);
        Minibatch minibatch = new Minibatch(
                EXPERIENCE,
                all,
                new int[] {1},
                Settings.ONE_STEP.normalized(AdvantageNormalization.BATCH).config());
        assertThat(minibatch.parts().get(0).old().advantages()).containsExactly(all[1]);
    }

    private static Minibatch minibatch(AdvantageNormalization kind, int microBatch, int... rows) {
        return new Minibatch(
                EXPERIENCE,
                ADVANTAGES,
                rows,
                Settings.ONE_STEP.normalized(kind).micro(microBatch).config());
    }
}
