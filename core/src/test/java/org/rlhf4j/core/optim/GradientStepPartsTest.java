package org.rlhf4j.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.testing.Leaks;

/** One loss over two sets of weights, each with an optimizer, a norm and a learning rate of its own. */
class GradientStepPartsTest {
    /** Without a first-moment average, {@code exp_avg} is the gradient of the last update, after clipping. */
    private static final AdamW.Settings SHOWS_GRADIENT = new AdamW.Settings(0, 0.999, 1e-8, 0);

    private static final int[] ROW = {0};

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Parameters actor = parameters(3, 4);
    private final Parameters critic = parameters(5, 12);
    private final AdamW actorAdam = adam(actor);
    private final AdamW criticAdam = adam(critic);

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : opened) {
            resource.close();
        }
    }

    private Parameters parameters(float... values) {
        return Torch.call(() -> {
            Parameters parameters = new Parameters();
            opened.add(parameters);
            parameters.put("w", HostCopy.create(parameters.manager(), new Shape(values.length), values));
            parameters.setAllTrainable(true);
            return parameters;
        });
    }

    private AdamW adam(Parameters parameters) {
        AdamW adam = new AdamW(parameters, SHOWS_GRADIENT);
        opened.add(adam);
        return adam;
    }

    private GradientStep step(double actorNorm, double criticNorm) {
        return new GradientStep(List.of(
                new GradientStep.Part("policy", actor, actorAdam, actorNorm, 1),
                new GradientStep.Part("critic", critic, criticAdam, criticNorm, 10)));
    }

    private static float[] weights(Parameters parameters) {
        return Torch.call(() -> parameters.get("w").toFloatArray());
    }

    private static float[] gradient(AdamW adam) {
        return Torch.call(
                () -> Objects.requireNonNull(adam.arrays().get("w.exp_avg")).toFloatArray());
    }

    /** The gradient of half the sum of squares is the weight: (3, 4) of norm 5 and (5, 12) of norm 13. */
    private NDArray halfSquares() {
        NDArray both =
                actor.get("w").square().sum().add(critic.get("w").square().sum());
        return both.mul(0.5f);
    }

    @Test
    void eachPartIsClippedByItsOwnNorm() {
        GradientStep step = step(10, 1);
        step.accumulate(ROW, 1, tape -> halfSquares());
        GradientStep.Report report = step.update(0.01);
        assertThat(report.partNorms()).containsExactly(5.0, 13.0);
        assertThat(report.gradNorm()).isCloseTo(Math.sqrt(25 + 169), within(1e-9));
        assertThat(report.clipped()).isTrue();
        assertThat(gradient(actorAdam)).containsExactly(3, 4);
        assertThat(gradient(criticAdam)).containsExactly(new float[] {5f / 13, 12f / 13}, within(1e-6f));
    }

    /** Adam's first step is as long as the learning rate, whatever the gradient. */
    @Test
    void eachPartHasItsOwnLearningRate() {
        GradientStep step = step(1, 1);
        step.accumulate(ROW, 1, tape -> halfSquares());
        step.update(0.01);
        assertThat(weights(actor)).containsExactly(new float[] {2.99f, 3.99f}, within(1e-5f));
        assertThat(weights(critic)).containsExactly(new float[] {4.9f, 11.9f}, within(1e-5f));
    }

    @Test
    void aFrozenPartRestsAndLearnsAgainLater() {
        GradientStep step = step(1, 1);
        Torch.run(() -> actor.setAllTrainable(false));
        for (int i = 1; i <= 2; i++) {
            step.accumulate(ROW, 1, tape -> halfSquares());
            GradientStep.Report report = step.update(0.01);
            assertThat(report.step()).isEqualTo(i);
            assertThat(report.partNorms().get(0)).isZero();
            assertThat(report.gradNorm()).isEqualTo(report.partNorms().get(1)).isPositive();
        }
        assertThat(weights(actor)).containsExactly(3, 4);
        assertThat(actorAdam.steps()).isZero();
        assertThat(criticAdam.steps()).isEqualTo(2);
        assertThat(weights(critic)[0]).isLessThan(4.9f);

        Torch.run(() -> actor.setAllTrainable(true));
        step.accumulate(ROW, 1, tape -> halfSquares());
        assertThat(step.update(0.01).partNorms().get(0)).isEqualTo(5);
        // Its first step of all, so that Adam's correction of the moments starts here.
        assertThat(actorAdam.steps()).isEqualTo(1);
        assertThat(weights(actor)).containsExactly(new float[] {2.99f, 3.99f}, within(1e-5f));
        assertThat(step.steps()).isEqualTo(3);
    }

    /** What had been accumulated when the part was frozen must not come back when it learns again. */
    @Test
    void gradientsFromBeforeTheRestAreGone() {
        GradientStep step = step(100, 100);
        step.accumulate(ROW, 1, tape -> halfSquares());
        Torch.run(() -> actor.setAllTrainable(false));
        step.update(0.01);
        Torch.run(() -> actor.setAllTrainable(true));
        step.accumulate(ROW, 1, tape -> halfSquares());
        assertThat(step.update(0.01).partNorms().get(0)).isEqualTo(5);
    }

    @Test
    void allPartsAreCheckedBeforeAnyMoves() {
        GradientStep step = step(1, 1);
        step.accumulate(new int[] {4}, 1, tape -> actor.get("w").sum());
        // d sqrt(v) / dv at 0 is infinite, while the loss is finite.
        step.accumulate(
                new int[] {5},
                1,
                tape -> critic.get("w").sub(critic.get("w").duplicate()).sqrt().sum());
        assertThatThrownBy(() -> step.update(0.01))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageStartingWith("step 1: the gradient of critic.w is not finite (row 4, row 5)");
        assertThat(weights(actor)).containsExactly(3, 4);
        assertThat(weights(critic)).containsExactly(5, 12);
        assertThat(actorAdam.steps()).isZero();
        assertThat(gradient(actorAdam)).containsOnly(0);
        // Both start afresh.
        step.accumulate(ROW, 1, tape -> halfSquares());
        assertThat(step.update(0.01).partNorms()).containsExactly(5.0, 13.0);
    }

    @Test
    void aPartThatNoGradientReachesIsNamed() {
        GradientStep step = step(1, 1);
        step.accumulate(ROW, 1, tape -> actor.get("w").sum());
        assertThatThrownBy(() -> step.update(0.01))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no gradient reached \"critic.w\"");
        assertThat(weights(actor)).containsExactly(3, 4);
    }

    @Test
    void aPartWithoutANameHasTheNamesOfItsWeights() {
        GradientStep step = new GradientStep(List.of(new GradientStep.Part("", actor, actorAdam, 1, 1)));
        Tape.Loss loss = tape -> critic.get("w").sum();
        step.accumulate(ROW, 1, loss);
        assertThatThrownBy(() -> step.update(0.01)).hasMessageContaining("no gradient reached \"w\"");
    }

    @Test
    void ratesAndNormsWithoutMeaningAreRefused() {
        assertThatThrownBy(() -> new GradientStep.Part("", actor, actorAdam, 0, 1))
                .hasMessage("maxGradNorm is 0.0: it must be positive");
        assertThatThrownBy(() -> new GradientStep.Part("", actor, actorAdam, 1, -1))
                .hasMessage("rateFactor is -1.0: it must be at least 0");
        assertThatThrownBy(() -> new GradientStep.Part("", actor, actorAdam, 1, Double.NaN))
                .hasMessage("rateFactor is NaN: it must be at least 0");
    }

    @Test
    void stepsOfPartsThatRestAndLearnKeepNoArrays() {
        GradientStep step = step(1, 1);
        Runnable once = () -> {
            for (boolean learns : new boolean[] {true, false}) {
                Torch.run(() -> actor.setAllTrainable(learns));
                step.accumulate(ROW, 1, tape -> halfSquares());
                step.update(0.001);
            }
        };
        Leaks.assertNone(actor.manager(), 2, 10, once);
        Leaks.assertNone(critic.manager(), 2, 10, once);
        Leaks.assertNone(Torch.manager(), 2, 10, once);
    }
}
