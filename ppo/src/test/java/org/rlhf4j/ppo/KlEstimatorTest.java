package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import ai.djl.ndarray.types.Shape;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlhf4j.testing.GradientCheck;
import org.rlhf4j.testing.Property;

class KlEstimatorTest {
    /** What the policy thinks of three tokens, and the reference. */
    private static final double[] POLICY = {-1, -2, -0.5};

    private static final double[] REFERENCE = {-1.2, -1.5, -0.6};

    private static double[] values(KlEstimator estimator) {
        return IntStream.range(0, 3)
                .mapToDouble(i -> estimator.value(POLICY[i] - REFERENCE[i]))
                .toArray();
    }

    /** TRL writes {@code logr = log pi_ref - log pi}, the negative of what is given here. */
    @Test
    void valuesAreThoseOfTrl() {
        assertClose(values(KlEstimator.K1), new double[] {0.2, -0.5, 0.1}, 1e-12, 0);
        assertClose(values(KlEstimator.K2), new double[] {0.02, 0.125, 0.005}, 1e-12, 0);
        assertClose(values(KlEstimator.K3), new double[] {0.018731, 0.148721, 0.004837}, 5e-7, 0);
    }

    @ParameterizedTest
    @EnumSource
    void derivativesAreThoseOfFiniteDifferences(KlEstimator estimator) {
        Property.forAll(100, draws -> draws.between(-300, 300) / 100.0, logRatio -> {
            double slope = (estimator.value(logRatio + 1e-5) - estimator.value(logRatio - 1e-5)) / 2e-5;
            assertThat(estimator.derivative(logRatio)).isCloseTo(slope, within(1e-7 * Math.max(1, Math.abs(slope))));
        });
    }

    @Test
    void theSecondAndTheThirdAreNeverNegative() {
        Property.forAll(500, draws -> (draws.between(-2000, 2000) / 100.0) * 1e-9, small -> {
            for (double logRatio : new double[] {small, small * 1e9}) {
                assertThat(KlEstimator.K2.value(logRatio)).isNotNegative();
                assertThat(KlEstimator.K3.value(logRatio)).isNotNegative();
            }
        });
        // (exp(-d) - 1) + d by its series is d^2 / 2: without expm1 this would be 0 or 1e-16.
        assertThat(KlEstimator.K3.value(1e-9)).isCloseTo(5e-19, within(1e-20));
    }

    /** Two categorical distributions over five actions, and everything exact: no sampling. */
    private static final class Categorical {
        private final double[] logits = GradientCheck.normal(3, new Shape(5));
        private final double[] pi = softmax(logits);
        private final double[] reference = softmax(GradientCheck.normal(4, new Shape(5)));

        double logRatio(int action) {
            return Math.log(pi[action]) - Math.log(reference[action]);
        }

        double expectation(IntToDoubleFunction f) {
            return IntStream.range(0, 5)
                    .mapToDouble(a -> pi[a] * f.applyAsDouble(a))
                    .sum();
        }

        /** KL(pi || reference) with these logits of pi. */
        double divergence(double[] other) {
            double[] p = softmax(other);
            return IntStream.range(0, 5)
                    .mapToDouble(a -> p[a] * Math.log(p[a] / reference[a]))
                    .sum();
        }

        /** KL(reference || pi) with these logits of pi. */
        double forwardDivergence(double[] other) {
            double[] p = softmax(other);
            return IntStream.range(0, 5)
                    .mapToDouble(a -> reference[a] * Math.log(reference[a] / p[a]))
                    .sum();
        }

        /** The mean over actions of {@code derivative * d log pi(a) / d logit j}, what a loss sees on average. */
        double[] expectedGradient(KlEstimator estimator) {
            return IntStream.range(0, 5)
                    .mapToDouble(j -> expectation(a -> estimator.derivative(logRatio(a)) * ((a == j ? 1 : 0) - pi[j])))
                    .toArray();
        }

        double[] slopes(ToDoubleFunction<double[]> f) {
            return IntStream.range(0, 5)
                    .mapToDouble(j -> (f.applyAsDouble(moved(j, 1e-5)) - f.applyAsDouble(moved(j, -1e-5))) / 2e-5)
                    .toArray();
        }

        private double[] moved(int at, double by) {
            double[] other = logits.clone();
            other[at] += by;
            return other;
        }

        private static double[] softmax(double[] logits) {
            double sum = DoubleStream.of(logits).map(Math::exp).sum();
            return DoubleStream.of(logits).map(z -> Math.exp(z) / sum).toArray();
        }
    }

    @Test
    void theThirdDoesNotOverflow() {
        assertThat(KlEstimator.K3.value(-1000)).isEqualTo(Math.expm1(80) - 1000);
        assertThat(KlEstimator.K3.derivative(-1000)).isEqualTo(-Math.expm1(80));
        assertThat((float) KlEstimator.K3.value(-1000)).isFinite();
    }

    @Test
    void theFirstAndTheThirdAreUnbiasedTheSecondIsNot() {
        Categorical two = new Categorical();
        double divergence = two.divergence(two.logits);
        assertThat(two.expectation(a -> KlEstimator.K1.value(two.logRatio(a)))).isCloseTo(divergence, within(1e-12));
        assertThat(two.expectation(a -> KlEstimator.K3.value(two.logRatio(a)))).isCloseTo(divergence, within(1e-12));
        assertThat(two.expectation(a -> KlEstimator.K2.value(two.logRatio(a))))
                .isNotCloseTo(divergence, within(0.05 * divergence));
    }

    @Test
    void inALossOnlyTheSecondHasTheGradientOfTheDivergence() {
        Categorical two = new Categorical();
        double[] wanted = two.slopes(two::divergence);
        assertThat(wanted[0]).isNotCloseTo(0, within(1e-3));
        assertClose(two.expectedGradient(KlEstimator.K2), wanted, 1e-9, 0);
        assertClose(two.expectedGradient(KlEstimator.K1), new double[5], 1e-12, 0);
        double[] forward = two.slopes(two::forwardDivergence);
        assertClose(two.expectedGradient(KlEstimator.K3), forward, 1e-9, 0);
        assertThat(forward[0]).isNotCloseTo(wanted[0], within(1e-3));
    }
}
