package org.rlhf4j.ppo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.tensor.Scope;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.testing.Draws;
import org.rlhf4j.testing.Property;

/** The loss and its derivatives against the same expression in engine operators, differentiated by the engine. */
class PpoLossAutogradTest {
    private static final double CLIP = 0.25;
    private static final double VALUE_COEF = 0.7;
    private static final double ENTROPY_COEF = 0.05;

    @Test
    void lossAndDerivativesAreThoseOfAutograd() {
        Property.forAll(PpoLossAutogradTest::random, x -> assertSame(x, CLIP, null));
    }

    @Test
    void withClippedValuesToo() {
        Property.forAll(PpoLossAutogradTest::random, x -> assertSame(x, CLIP, 0.25));
    }

    @Test
    void onTheEndsOfBothRangesToo() {
        // The log-ratio whose exponential is, to the last bit, an end of the range; values moved by exactly 0.25.
        float logRatio = 0.25f;
        double clip = Math.exp(logRatio) - 1;
        assertThat(1 + clip).isEqualTo(Math.exp(logRatio));
        float lower = -0.25f;
        double clipBelow = 1 - Math.exp(lower);
        assertThat(1 - clipBelow).isEqualTo(Math.exp(lower));
        for (float advantage : new float[] {-1, 0, 1}) {
            for (float target : new float[] {-1, 0.125f, 1}) {
                assertSame(one(logRatio, advantage, 0.25f, target), clip, 0.25);
                assertSame(one(lower, advantage, -0.25f, target), clipBelow, 0.25);
            }
        }
    }

    /** One step: from log-probability and value 0 to those. */
    private static Numbers one(float logProb, float advantage, float value, float target) {
        return new Numbers(
                new float[] {logProb},
                new float[] {1},
                new float[] {value},
                new PpoLoss.Steps(
                        new float[1], new float[1], new float[] {advantage}, new float[] {target}, new boolean[] {true
                        }));
    }

    private static void assertSame(Numbers x, double clipRange, @Nullable Double valueClipRange) {
        PpoLoss loss = new PpoLoss(clipRange, valueClipRange, VALUE_COEF, ENTROPY_COEF);
        PpoLoss.Result result = loss.of(x.logProbs, x.entropy, x.values, x.old);
        Torch.run(() -> Scope.run(() -> {
            NDManager manager = Torch.manager().newSubManager();
            NDArray logProbs = leaf(manager, x.logProbs);
            NDArray entropy = leaf(manager, x.entropy);
            NDArray values = leaf(manager, x.values);
            try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                NDArray total = expression(manager, x.old, clipRange, valueClipRange, logProbs, entropy, values);
                collector.backward(total);
                assertClose(loss.total(result), total.toDoubleArray()[0], 1e-9, 1e-9);
            }
            assertClose(result.byLogProb(), logProbs.getGradient().toDoubleArray(), 1e-6, 1e-6);
            assertClose(result.byEntropy(), entropy.getGradient().toDoubleArray(), 1e-6, 1e-6);
            assertClose(result.byValue(), values.getGradient().toDoubleArray(), 1e-6, 1e-6);
            manager.close();
        }));
    }

    /** As CleanRL writes it, summed instead of averaged. */
    private static NDArray expression(
            NDManager manager,
            PpoLoss.Steps old,
            double clipRange,
            @Nullable Double valueClipRange,
            NDArray logProbs,
            NDArray entropy,
            NDArray values) {
        NDArray ratio = logProbs.sub(constant(manager, old.logProbs())).exp();
        NDArray advantages = constant(manager, old.advantages());
        NDArray unclipped = ratio.mul(advantages);
        NDArray clipped = ratio.clip(1 - clipRange, 1 + clipRange).mul(advantages);
        NDArray policy = NDArrays.minimum(unclipped, clipped).neg().sum();

        NDArray oldValues = constant(manager, old.values());
        NDArray targets = constant(manager, old.returns());
        NDArray squares = values.sub(targets).square();
        if (valueClipRange != null) {
            NDArray moved = values.sub(oldValues).clip(-valueClipRange, valueClipRange);
            squares =
                    NDArrays.maximum(squares, oldValues.add(moved).sub(targets).square());
        }
        // As arrays of the manager: DJL's product with a plain number may lose the number before the backward pass.
        NDArray valueCoef = manager.create(0.5 * VALUE_COEF);
        NDArray entropyCoef = manager.create(ENTROPY_COEF);
        return policy.add(squares.sum().mul(valueCoef)).sub(entropy.sum().mul(entropyCoef));
    }

    private static NDArray leaf(NDManager manager, float[] values) {
        NDArray leaf = constant(manager, values);
        leaf.setRequiresGradient(true);
        return leaf;
    }

    private static NDArray constant(NDManager manager, float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return manager.create(wide);
    }

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Numbers(float[] logProbs, float[] entropy, float[] values, PpoLoss.Steps old) {}

    private static Numbers random(Draws draws) {
        int n = draws.between(1, 8);
        boolean[] mask = new boolean[n];
        Arrays.fill(mask, true);
        return new Numbers(
                draws.floats(n, -2, 0),
                draws.floats(n, 0, 2),
                draws.floats(n, -1, 1),
                new PpoLoss.Steps(
                        draws.floats(n, -2, 0),
                        draws.floats(n, -1, 1),
                        draws.floats(n, -2, 2),
                        draws.floats(n, -1, 1),
                        mask));
    }
}
