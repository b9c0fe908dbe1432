package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Property;

class PpoLossTest {
    private static final PpoLoss PLAIN = new PpoLoss(0.2, null, 0.5, 0.01);

    @Test
    void lossesAreThoseOfTrl() {
        PpoLoss loss = new PpoLoss(0.2, 0.2, 0.1, 0);
        float[] whitened = PpoLoss.normalized(new float[] {1.7529875f, 1.64525f, 1.495f}, all(3));
        assertClose(whitened, new double[] {0.940823, 0.109363, -1.050186}, 1e-6, 0);

        PpoLoss.Result result = loss.of(
                new float[] {-0.8f, -2.3f, -0.5f},
                new float[3],
                new float[] {0.5f, 0.2f, 0.6f},
                new PpoLoss.Steps(
                        new float[] {-1, -2, -0.5f},
                        new float[] {0.1f, 0.3f, 0.5f},
                        whitened,
                        new float[] {1.8529875f, 1.94525f, 1.995f},
                        all(3)));

        assertThat(result.steps()).isEqualTo(3);
        assertThat(result.policyLoss() / 3).isCloseTo(-0.053273, within(1e-6));
        assertThat(result.valueLoss() / 3).isCloseTo(1.233949, within(1e-6));
        assertThat(loss.total(result) / 3).isCloseTo(0.070122, within(1e-6));
        // TRL counts the steps whose clipped loss is the larger one: the first; two ratios are outside of the range.
        assertThat(result.clipped()).isEqualTo(1);
        assertThat(result.ratios().outside()).isEqualTo(2);
        assertThat(result.ratios().deviation()).isCloseTo(1 - 0.740818, within(1e-6));
    }

    @Test
    void divergencesAreTheThreeEstimates() {
        // log rho = log 2 and -log 2
        float log2 = (float) Math.log(2);
        PpoLoss.Result result = PLAIN.of(
                new float[] {log2, -log2}, new float[2], new float[2], steps(new float[] {0, 0}, new float[] {1, 1}));
        assertThat(result.ratios().kl1()).isCloseTo(0, within(1e-12));
        assertThat(result.ratios().kl2()).isCloseTo(Math.log(2) * Math.log(2), within(1e-6));
        // (2 - 1 - log 2) + (1/2 - 1 + log 2)
        assertThat(result.ratios().kl3()).isCloseTo(0.5, within(1e-6));
        assertThat(result.ratios().deviation()).isCloseTo(1, within(1e-6));
    }

    @Test
    void theSurrogateTakesTheSmallerProduct() {
        // ratio 2 beyond 1 + 0.2, ratio 1/2 beyond 1 - 0.2, each with a good and a bad action
        float log2 = (float) Math.log(2);
        PpoLoss.Result result = PLAIN.of(
                new float[] {log2, log2, -log2, -log2}, new float[4], new float[4], steps(new float[4], new float[] {
                    1, -1, 1, -1
                }));
        assertThat(result.policyLoss()).isCloseTo(-(1.2 - 2 + 0.5 - 0.8), within(1e-6));
        assertClose(result.byLogProb(), new double[] {0, 2, -0.5, 0}, 1e-6, 0);
        assertThat(result.clipped()).isEqualTo(2);
        assertThat(result.ratios().outside()).isEqualTo(4);
    }

    @Test
    void noRatioOverflows() {
        // e^710 does not fit a double, e^89 no float. Where a bad action became so likely nothing is clipped.
        PpoLoss.Result result = PLAIN.of(
                new float[] {1000, 89, -1000, 80}, new float[4], new float[4], steps(new float[4], new float[] {
                    -1, -1, -1, -1
                }));
        double most = Math.exp(80);
        assertThat(result.ratios().overflows()).isEqualTo(3);
        assertThat(result.policyLoss()).isCloseTo(3 * most, within(1e-9 * most));
        assertThat(result.byLogProb()).containsExactly((float) most, (float) most, 0, (float) most);
        assertThat(result.ratios().kl1()).isEqualTo(-160);
        assertThat(result.ratios().kl3()).isFinite();
    }

    @Test
    void aValueBeyondItsRangeIsMovedByNothingUnlessItIsTheLargerError() {
        PpoLoss loss = new PpoLoss(0.2, 0.5, 2, 0);
        // old value 0; from 1 it counts as 0.5. Target 2: errors -1 and -1.5, so 1/2 1.5^2 with no slope.
        // Target -1: errors 2 and 1.5, so 1/2 2^2 with slope 2.
        PpoLoss.Steps old =
                new PpoLoss.Steps(new float[2], new float[] {0, 0}, new float[2], new float[] {2, -1}, all(2));
        PpoLoss.Result result = loss.of(new float[2], new float[2], new float[] {1, 1}, old);
        assertThat(result.valueLoss()).isCloseTo(1.125 + 2, within(1e-12));
        assertThat(result.byValue()).containsExactly(0, 4);
    }

    @Test
    void entropyIsRewarded() {
        PpoLoss loss = new PpoLoss(0.2, null, 0, 0.25);
        PpoLoss.Result result =
                loss.of(new float[2], new float[] {1, 3}, new float[2], steps(new float[2], new float[2]));
        assertThat(result.entropy()).isEqualTo(4);
        assertThat(loss.total(result)).isEqualTo(-1);
        assertThat(result.byEntropy()).containsExactly(-0.25f, -0.25f);
    }

    @Test
    void clippingIsInactiveWhileNothingHasMoved() {
        Property.forAll(PpoLossTest::random, x -> {
            PpoLoss.Result result = PLAIN.of(x.old.logProbs(), x.entropy, x.values, x.old);
            double sum = 0;
            for (float advantage : x.old.advantages()) {
                sum += advantage;
            }
            assertThat(result.policyLoss()).isCloseTo(-sum, within(1e-9));
            assertThat(result.clipped()).isZero();
            assertThat(result.ratios().outside()).isZero();
            assertThat(result.ratios().kl1()).isZero();
            assertThat(result.ratios().kl2()).isZero();
            assertThat(result.ratios().kl3()).isZero();
            assertThat(result.ratios().deviation()).isZero();
            for (int i = 0; i < x.values.length; i++) {
                assertThat(result.byLogProb()[i]).isEqualTo(-x.old.advantages()[i]);
            }
        });
    }

    @Test
    void derivativesAreThoseOfFiniteDifferences() {
        Property.forAll(200, PpoLossTest::random, x -> {
            PpoLoss loss = new PpoLoss(0.2, 0.3, 0.7, 0.05);
            PpoLoss.Result result = loss.of(x.logProbs, x.entropy, x.values, x.old);
            for (int i = 0; i < x.values.length; i++) {
                int at = i;
                if (!x.nearAKink(i)) {
                    assertSlope(
                            result.byLogProb()[i],
                            x.logProbs,
                            at,
                            moved -> loss.total(loss.of(moved, x.entropy, x.values, x.old)));
                    assertSlope(
                            result.byValue()[i],
                            x.values,
                            at,
                            moved -> loss.total(loss.of(x.logProbs, x.entropy, moved, x.old)));
                }
                assertSlope(
                        result.byEntropy()[i],
                        x.entropy,
                        at,
                        moved -> loss.total(loss.of(x.logProbs, moved, x.values, x.old)));
            }
        });
    }

    @Test
    void paddingChangesNothingWhateverIsInIt() {
        Property.forAll(PpoLossTest::random, x -> {
            PpoLoss loss = new PpoLoss(0.2, 0.3, 0.7, 0.05);
            PpoLoss.Result bare = loss.of(x.logProbs, x.entropy, x.values, x.old);
            PpoLoss.Steps old = new PpoLoss.Steps(
                    padded(x.old.logProbs()),
                    padded(x.old.values()),
                    padded(x.old.advantages()),
                    padded(x.old.returns()),
                    mask(x.values.length));
            PpoLoss.Result padded = loss.of(padded(x.logProbs), padded(x.entropy), padded(x.values), old);

            assertThat(padded)
                    .usingRecursiveComparison()
                    .ignoringFields("byLogProb", "byEntropy", "byValue")
                    .isEqualTo(bare);
            assertPadded(padded.byLogProb(), bare.byLogProb());
            assertPadded(padded.byEntropy(), bare.byEntropy());
            assertPadded(padded.byValue(), bare.byValue());
            assertPadded(
                    PpoLoss.normalized(padded(x.old.advantages()), old.mask()),
                    PpoLoss.normalized(x.old.advantages(), all(x.values.length)));
        });
    }

    @Test
    void normalizedAdvantagesHaveMeanZeroAndDeviationOne() {
        Property.forAll(draws -> draws.floats(draws.between(2, 20), -3, 5), values -> {
            float[] normalized = PpoLoss.normalized(values, all(values.length));
            double mean = 0;
            double squares = 0;
            for (float value : normalized) {
                mean += value / (double) values.length;
                squares += (double) value * value / (values.length - 1);
            }
            assertThat(mean).isCloseTo(0, within(1e-5));
            // All the same: they have no deviation, and stay at 0.
            boolean same = Arrays.equals(normalized, new float[values.length]);
            assertThat(squares).isCloseTo(same ? 0 : 1, within(1e-4));
        });
    }

    @Test
    void equalAdvantagesBecomeZeroAndASingleOneStays() {
        assertThat(PpoLoss.normalized(new float[] {0.1f, 0.1f, 0.1f}, all(3))).containsExactly(0, 0, 0);
        assertThat(PpoLoss.normalized(new float[] {3, Float.NaN}, new boolean[] {true, false}))
                .containsExactly(3, 0);
    }

    @Test
    void stepsOfDifferentNumbersAreRefused() {
        assertThatThrownBy(() -> new PpoLoss.Steps(new float[2], new float[2], new float[1], new float[2], all(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("steps of different numbers: 2, 2, 1, 2 and 2");
        assertThatThrownBy(() -> PLAIN.of(new float[2], new float[3], new float[2], steps(new float[2], new float[2])))
                .hasMessage("log-probabilities, entropies and values of 2, 3 and 2 steps, but there are 2");
    }

    /** A differentiable function of some numbers. */
    private interface Slope {
        double at(float[] numbers);
    }

    private static void assertSlope(double derivative, float[] numbers, int at, Slope f) {
        float[] up = numbers.clone();
        float[] down = numbers.clone();
        up[at] += 1e-3f;
        down[at] -= 1e-3f;
        double slope = (f.at(up) - f.at(down)) / ((double) up[at] - down[at]);
        assertThat(derivative).isCloseTo(slope, within(1e-4 * Math.max(1, Math.abs(slope))));
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Case(float[] logProbs, float[] entropy, float[] values, PpoLoss.Steps old) {
        /** Whether a step is so near to where the loss has no derivative that a difference would reach across. */
        boolean nearAKink(int i) {
            double ratio = Math.exp((double) logProbs[i] - old.logProbs()[i]);
            double moved = values[i] - old.values()[i];
            double clipped = old.values()[i] + Math.max(-0.3, Math.min(0.3, moved)) - old.returns()[i];
            double error = values[i] - old.returns()[i];
            return Math.abs(Math.abs(ratio - 1) - 0.2) < 0.01
                    || Math.abs(Math.abs(moved) - 0.3) < 0.01
                    || Math.abs(clipped + error) < 0.01;
        }
    }

    private static Case random(Draws draws) {
        int n = draws.between(1, 5);
        return new Case(
                draws.floats(n, -2, 0),
                draws.floats(n, 0, 2),
                draws.floats(n, -1, 1),
                new PpoLoss.Steps(
                        draws.floats(n, -2, 0),
                        draws.floats(n, -1, 1),
                        draws.floats(n, -2, 2),
                        draws.floats(n, -1, 1),
                        all(n)));
    }

    private static PpoLoss.Steps steps(float[] logProbs, float[] advantages) {
        int n = logProbs.length;
        return new PpoLoss.Steps(logProbs, new float[n], advantages, new float[n], all(n));
    }

    private static boolean[] all(int n) {
        boolean[] mask = new boolean[n];
        Arrays.fill(mask, true);
        return mask;
    }

    private static boolean[] mask(int n) {
        boolean[] mask = new boolean[n + 2];
        Arrays.fill(mask, 1, n + 1, true);
        return mask;
    }

    private static float[] padded(float[] values) {
        float[] padded = new float[values.length + 2];
        padded[0] = Float.NaN;
        System.arraycopy(values, 0, padded, 1, values.length);
        padded[values.length + 1] = Float.POSITIVE_INFINITY;
        return padded;
    }

    private static void assertPadded(float[] padded, float[] bare) {
        assertThat(Arrays.copyOfRange(padded, 1, padded.length - 1)).containsExactly(bare);
        assertThat(padded[0]).isZero();
        assertThat(padded[padded.length - 1]).isZero();
    }
}
