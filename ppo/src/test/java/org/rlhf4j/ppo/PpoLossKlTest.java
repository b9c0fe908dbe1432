package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlhf4j.testing.Property;

/** The loss with a KL penalty against a reference. */
class PpoLossKlTest {
    private static final boolean[] BOTH = {true, true};

    private static PpoLoss penalised(KlEstimator estimator, double coef) {
        return new PpoLoss(0.2, null, 0.5, 0.01, new PpoLoss.KlPenalty(estimator, coef));
    }

    /** Log-ratios to the reference 0.2 and -0.5; the ratio to the old policy is 1, advantages 1 and -2. */
    @Test
    void thePenaltyIsAddedToLossAndDerivative() {
        float[] logProbs = {-1, -2};
        PpoLoss.Steps old = new PpoLoss.Steps(
                logProbs, new float[2], new float[] {1, -2}, new float[2], BOTH, new float[] {-1.2f, -1.5f});
        PpoLoss loss = penalised(KlEstimator.K2, 0.3);
        PpoLoss.Result result = loss.of(logProbs, new float[2], new float[2], old);
        // 0.2^2 / 2 + 0.5^2 / 2
        assertThat(result.klPenalty()).isCloseTo(0.145, within(1e-7));
        assertThat(result.policyLoss()).isEqualTo(1);
        assertThat(loss.total(result)).isCloseTo(1 + 0.3 * 0.145, within(1e-7));
        // -A + 0.3 d
        assertClose(result.byLogProb(), new double[] {-1 + 0.06, 2 - 0.15}, 1e-6, 0);

        PpoLoss.Result k1 = penalised(KlEstimator.K1, 0.3).of(logProbs, new float[2], new float[2], old);
        assertThat(k1.klPenalty()).isCloseTo(-0.3, within(1e-7));
        assertClose(k1.byLogProb(), new double[] {-0.7, 2.3}, 1e-6, 0);

        PpoLoss.Result k3 = penalised(KlEstimator.K3, 0.3).of(logProbs, new float[2], new float[2], old);
        // (e^-0.2 - 1 + 0.2) + (e^0.5 - 1 - 0.5)
        assertThat(k3.klPenalty()).isCloseTo(0.0187308 + 0.1487213, within(1e-6));
        // 1 - e^-0.2 and 1 - e^0.5
        assertClose(k3.byLogProb(), new double[] {-1 + 0.3 * 0.1812692, 2 - 0.3 * 0.6487213}, 1e-6, 0);
    }

    /** The ratio 2 is beyond its range for a good action, so that only the penalty has a gradient there. */
    @Test
    void clippingDoesNotTakeThePenaltyAway() {
        float log2 = (float) Math.log(2);
        PpoLoss.Result result = penalised(KlEstimator.K2, 0.25)
                .of(
                        new float[] {log2},
                        new float[1],
                        new float[1],
                        new PpoLoss.Steps(
                                new float[1],
                                new float[1],
                                new float[] {1},
                                new float[1],
                                new boolean[] {true},
                                new float[1]));
        assertThat(result.clipped()).isEqualTo(1);
        assertThat((double) result.byLogProb()[0]).isCloseTo(0.25 * Math.log(2), within(1e-6));
    }

    private static PpoLoss.Steps steps(float[] reference, boolean[] mask) {
        int n = mask.length;
        return new PpoLoss.Steps(new float[n], new float[n], new float[n], new float[n], mask, reference);
    }

    @ParameterizedTest
    @EnumSource
    void derivativesAreThoseOfFiniteDifferences(KlEstimator estimator) {
        Property.forAll(100, draws -> new float[][] {draws.floats(4, -2, 0), draws.floats(4, -2, 0)}, logProbs -> {
            // No advantage: the whole derivative is the penalty's.
            PpoLoss loss = penalised(estimator, 0.7);
            boolean[] all = {true, true, true, true};
            PpoLoss.Steps old = steps(logProbs[1], all);
            PpoLoss.Result result = loss.of(logProbs[0], new float[4], new float[4], old);
            for (int i = 0; i < 4; i++) {
                float[] up = logProbs[0].clone();
                float[] down = logProbs[0].clone();
                up[i] += 1e-3f;
                down[i] -= 1e-3f;
                double slope = (loss.total(loss.of(up, new float[4], new float[4], old))
                                - loss.total(loss.of(down, new float[4], new float[4], old)))
                        / ((double) up[i] - down[i]);
                assertThat((double) result.byLogProb()[i])
                        .isCloseTo(slope, within(1e-4 * Math.max(1, Math.abs(slope))));
            }
        });
    }

    @Test
    void paddingOfTheReferenceChangesNothingWhateverIsInIt() {
        float[] reference = {Float.NaN, -1, Float.POSITIVE_INFINITY};
        PpoLoss.Result padded = penalised(KlEstimator.K3, 0.3)
                .of(new float[3], new float[3], new float[3], steps(reference, new boolean[] {false, true, false}));
        PpoLoss.Result bare = penalised(KlEstimator.K3, 0.3)
                .of(new float[1], new float[1], new float[1], steps(new float[] {-1}, new boolean[] {true}));
        assertThat(bare.klPenalty()).isCloseTo(Math.exp(-1), within(1e-12));
        assertThat(padded.klPenalty()).isEqualTo(bare.klPenalty());
        assertThat(padded.byLogProb()).containsExactly(0, bare.byLogProb()[0], 0);
    }

    @Test
    void withoutAPenaltyTheReferenceIsNotLookedAt() {
        PpoLoss plain = new PpoLoss(0.2, null, 0.5, 0.01);
        PpoLoss.Result with = plain.of(new float[2], new float[2], new float[2], steps(new float[] {-1, -2}, BOTH));
        PpoLoss.Result without = plain.of(new float[2], new float[2], new float[2], steps(new float[0], BOTH));
        assertThat(with).usingRecursiveComparison().isEqualTo(without);
        assertThat(with.klPenalty()).isZero();
        assertThat(plain.total(with)).isZero();
    }

    @Test
    void aPenaltyWithoutAReferenceIsRefused() {
        assertThatThrownBy(() -> penalised(KlEstimator.K2, 0.1)
                        .of(new float[2], new float[2], new float[2], steps(new float[0], BOTH)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the loss has a KL penalty, but the reference said nothing");
        assertThatThrownBy(() -> steps(new float[1], BOTH))
                .hasMessage("1 log-probabilities of the reference for 2 steps");
        assertThatThrownBy(() -> new PpoLoss.KlPenalty(KlEstimator.K1, -0.1)).hasMessageContaining("coef is -0.1");
        assertThatThrownBy(() -> new PpoLoss.KlPenalty(KlEstimator.K1, Double.NaN))
                .hasMessageContaining("coef is NaN");
    }

    @Test
    void theReferenceTravelsWithItsRows() {
        float[][] logProbs = {{-1, -2}, {-3, -4}, {-5, -6}};
        float[][] reference = {{-10, -20}, {-30, -40}, {-50, -60}};
        boolean[][] mask = {{true, true}, {true, false}, {true, true}};
        Experience experience = new Experience(logProbs, logProbs, logProbs, logProbs, mask).withReference(reference);
        Minibatch minibatch = new Minibatch(
                experience,
                logProbs,
                new int[] {2, 1},
                Settings.ONE_STEP
                        .normalized(PpoConfig.AdvantageNormalization.NONE)
                        .micro(1)
                        .config());
        assertThat(minibatch.parts().get(0).old().referenceLogProbs()).containsExactly(-50, -60);
        assertThat(minibatch.parts().get(1).old().referenceLogProbs()).containsExactly(-30, -40);
        assertThat(experience.flattened().referenceLogProbs())
                .isDeepEqualTo(new float[][] {{-10}, {-20}, {-30}, {-40}, {-50}, {-60}});
        Experience without = new Experience(logProbs, logProbs, logProbs, logProbs, mask);
        assertThat(without.flattened().referenceLogProbs()).isEmpty();
    }

    @Test
    void aReferenceThatDoesNotFitItsRowsIsRefused() {
        float[][] one = {{-1, -2}};
        Experience experience = new Experience(one, one, one, one, new boolean[][] {BOTH});
        assertThatThrownBy(() -> experience.withReference(new float[][] {{-1}}))
                .hasMessage("referenceLogProbs has 1 steps in row 0, the mask 2 in row 0");
        assertThatThrownBy(() -> experience.withReference(new float[][] {{-1, Float.NEGATIVE_INFINITY}}))
                .hasMessage("referenceLogProbs is -Infinity at row 0, step 1");
        float[][] two = new float[2][];
        Arrays.fill(two, one[0]);
        assertThatThrownBy(() -> experience.withReference(two)).hasMessage("referenceLogProbs has 2 rows, the mask 1");
    }
}
