package org.rlhf4j.core.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.tensor.TorchOps;
import org.rlhf4j.testing.Golden;
import org.rlhf4j.testing.GradientCheck;
import org.rlhf4j.testing.Leaks;
import org.rlhf4j.testing.TensorAssertions;

class GradientStepTest {
    /** Without a first-moment average, {@code exp_avg} is the gradient of the last update, after clipping. */
    private static final AdamW.Settings SHOWS_GRADIENT = new AdamW.Settings(0, 0.999, 1e-8, 0);

    private static final int[] ROW = {0};

    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : opened) {
            resource.close();
        }
    }

    private Parameters parameters(Map<String, float[]> values) {
        return Torch.call(() -> {
            Parameters parameters = new Parameters();
            opened.add(parameters);
            values.forEach(
                    (name, v) -> parameters.put(name, HostCopy.create(parameters.manager(), new Shape(v.length), v)));
            parameters.setAllTrainable(true);
            return parameters;
        });
    }

    private AdamW adam(Parameters parameters, AdamW.Settings settings) {
        AdamW adam = new AdamW(parameters, settings);
        opened.add(adam);
        return adam;
    }

    private GradientStep step(Parameters parameters, double maxGradNorm) {
        return new GradientStep(parameters, adam(parameters, AdamW.Settings.DEFAULT), maxGradNorm);
    }

    private static float[] gradient(AdamW adam, String name) {
        return Torch.call(() ->
                Objects.requireNonNull(adam.arrays().get(name + ".exp_avg")).toFloatArray());
    }

    private static float[] weights(Parameters parameters, String name) {
        return Torch.call(() -> parameters.get(name).toFloatArray());
    }

    @Test
    void oneStepOfAdamMovesAWeightByTheLearningRateAgainstItsGradient() {
        // loss = w1² + w2² = 5 at (1, 2); gradient (2, 4) with norm sqrt(20); Adam's first step is the sign of it.
        Parameters p = parameters(Map.of("w", new float[] {1, 2}));
        GradientStep step = step(p, Double.POSITIVE_INFINITY);
        double loss = step.accumulate(ROW, 1, tape -> p.get("w").square().sum());
        assertThat(loss).isEqualTo(5);
        GradientStep.Report report = step.update(0.1);
        assertThat(report.step()).isEqualTo(1);
        assertThat(report.gradNorm()).isCloseTo(Math.sqrt(20), within(1e-9));
        assertThat(report.clipped()).isFalse();
        assertThat(weights(p, "w")).containsExactly(new float[] {0.9f, 1.9f}, within(1e-6f));
    }

    static List<JsonNode> clippingCases() {
        return Golden.cases("optim/clip", "cases");
    }

    @ParameterizedTest
    @MethodSource("clippingCases")
    void clipsByGlobalNormAsTorchDoes(JsonNode golden) {
        Map<String, float[]> gradients = new LinkedHashMap<>();
        golden.get("gradients").forEach(g -> gradients.put("w" + gradients.size(), Golden.floats(g)));
        Map<String, float[]> zeros = new LinkedHashMap<>();
        gradients.forEach((name, g) -> zeros.put(name, new float[g.length]));
        Parameters p = parameters(zeros);
        AdamW adam = adam(p, SHOWS_GRADIENT);
        GradientStep step = new GradientStep(p, adam, golden.get("max_norm").doubleValue());
        // The gradient of sum(w g) is g.
        step.accumulate(
                ROW,
                1,
                tape -> gradients.entrySet().stream()
                        .map(e -> p.get(e.getKey())
                                .mul(HostCopy.create(Torch.manager(), new Shape(e.getValue().length), e.getValue()))
                                .sum())
                        .reduce(NDArray::add)
                        .orElseThrow());
        double norm = golden.get("total_norm_float64").doubleValue();
        assertThat(step.update(0.1).gradNorm()).isCloseTo(norm, within(1e-12 * norm));
        int i = 0;
        for (String name : gradients.keySet()) {
            double[] expected = Golden.doubles(golden.get("clipped_float64").get(i++));
            TensorAssertions.assertClose(gradient(adam, name), expected, 1e-30, 1e-6);
        }
    }

    @Test
    void eightRowsAtOnceAndEightTimesOneRowGiveTheSameGradient() {
        int rows = 8;
        double[] inputs = GradientCheck.normal(5, new Shape(rows, 6));
        float[] start = new float[48];
        for (int i = 0; i < start.length; i++) {
            start[i] = (float) Math.sin(i);
        }
        List<float[]> gradients = new ArrayList<>();
        for (int micro : new int[] {8, 4, 1}) {
            Parameters p = parameters(Map.of("w", start));
            AdamW adam = adam(p, SHOWS_GRADIENT);
            GradientStep step = new GradientStep(p, adam, 1);
            for (int from = 0; from < rows; from += micro) {
                int[] batch = IntStream.range(from, from + micro).toArray();
                step.accumulate(batch, rows, tape -> lossSum(p, inputs, batch));
            }
            step.update(0.1);
            gradients.add(gradient(adam, "w"));
        }
        for (float[] gradient : gradients) {
            // The clipped norm is 1, so this is 1e-6 of the norm.
            assertThat(distance(gradient, gradients.get(0))).isLessThan(1e-6);
        }
    }

    private static NDArray lossSum(Parameters p, double[] inputs, int[] rows) {
        float[] x = new float[rows.length * 6];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) inputs[rows[0] * 6 + i];
        }
        NDArray hidden = TorchOps.linear(
                HostCopy.create(Torch.manager(), new Shape(rows.length, 6), x),
                p.get("w").reshape(8, 6));
        return hidden.tanh().sum(new int[] {1}).exp().sum();
    }

    private static double distance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.pow((double) a[i] - b[i], 2);
        }
        return Math.sqrt(sum);
    }

    @Test
    void aLossThatIsNotFiniteStopsBeforeTheUpdateAndNamesStepAndRows() {
        Parameters p = parameters(Map.of("w", new float[] {0, 2}));
        GradientStep step = step(p, 1);
        step.accumulate(new int[] {3}, 1, tape -> p.get("w").sum());
        step.update(0.1);
        float[] before = weights(p, "w");
        step.accumulate(new int[] {4}, 2, tape -> p.get("w").sum());
        NonFiniteException problem = catchThrowableOfType(
                NonFiniteException.class,
                () -> step.accumulate(
                        new int[] {5, 9}, 2, tape -> p.get("w").sum().div(0)));
        assertThat(problem)
                .hasMessage(
                        "step 2: the loss is not finite (row 5, row 9); the weights are those of step 1. Look at these"
                                + " rows, or lower the learning rate");
        assertThat(problem.step()).isEqualTo(2);
        assertThat(problem.tensor()).isEqualTo("loss");
        assertThat(problem.rows()).containsExactly(5, 9);
        assertThat(weights(p, "w")).isEqualTo(before);
        // What was accumulated before is gone: the next step sees its own gradient only.
        step.accumulate(ROW, 1, tape -> p.get("w").sum());
        assertThat(step.update(0.1).gradNorm()).isCloseTo(Math.sqrt(2), within(1e-9));
    }

    @Test
    void aGradientThatIsNotFiniteStopsBeforeTheUpdateAndNamesTheTensor() {
        // d sqrt(v)/dv at 0 is infinite, while the loss is finite.
        Parameters p = parameters(new LinkedHashMap<>(Map.of("first", new float[] {1}, "second", new float[] {0, 1})));
        AdamW adam = adam(p, AdamW.Settings.DEFAULT);
        GradientStep step = new GradientStep(p, adam, 1);
        step.accumulate(new int[] {7}, 2, tape -> p.get("first").sum());
        step.accumulate(
                new int[] {8},
                2,
                tape -> p.get("second").sqrt().sum().add(p.get("first").sum()));
        assertThatThrownBy(() -> step.update(0.1))
                .isInstanceOf(NonFiniteException.class)
                .hasMessageStartingWith("step 1: the gradient of second is not finite (row 7, row 8)");
        assertThat(weights(p, "first")).containsExactly(1);
        assertThat(weights(p, "second")).containsExactly(0, 1);
        Torch.run(() -> assertThat(adam.arrays().values())
                .allSatisfy(moment -> assertThat(moment.toFloatArray()).containsOnly(0)));
        assertThat(adam.steps()).isZero();
        // DJL's own zeroing would keep the infinity as NaN for ever.
        step.accumulate(ROW, 1, tape -> p.get("second").sum().add(p.get("first").sum()));
        assertThat(step.update(0.1).gradNorm()).isCloseTo(Math.sqrt(3), within(1e-9));
    }

    @Test
    void longListsOfRowsAreCutInTheMessage() {
        int[] rows = IntStream.range(0, 20).toArray();
        assertThat(new NonFiniteException(1, "loss", rows))
                .hasMessageContaining("(row 0, row 1, row 2, row 3, row 4, row 5, row 6, row 7 and 12 more)");
        assertThat(new NonFiniteException(1, "loss", new int[] {4})).hasMessageContaining("(row 4)");
    }

    @Test
    void aTrainableWeightThatNoGradientReachesIsAnErrorNotASilentRest() {
        Parameters p = parameters(new LinkedHashMap<>(Map.of("used", new float[] {1}, "cut", new float[] {1})));
        GradientStep step = step(p, 1);
        step.accumulate(
                ROW, 1, tape -> p.get("used").mul(p.get("cut").duplicate()).sum());
        assertThatThrownBy(() -> step.update(0.1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no gradient reached \"cut\"");
        assertThat(weights(p, "used")).containsExactly(1);
    }

    @Test
    void aLossThatDependsOnNothingTrainableIsAnError() {
        Parameters p = parameters(Map.of("w", new float[] {1}));
        GradientStep step = step(p, 1);
        assertThatThrownBy(() ->
                        step.accumulate(ROW, 1, tape -> p.get("w").duplicate().sum()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the loss depends on no trainable array");
    }

    @Test
    void aFrozenWeightStaysToTheBit() {
        Parameters p = parameters(new LinkedHashMap<>(Map.of("w", new float[] {1}, "frozen", new float[] {3})));
        Torch.run(() -> p.setTrainable("frozen", false));
        GradientStep step = step(p, 1);
        step.accumulate(ROW, 1, tape -> p.get("w").mul(p.get("frozen")).sum());
        step.update(0.1);
        assertThat(weights(p, "frozen")).containsExactly(3);
        assertThat(weights(p, "w")[0]).isLessThan(1);
    }

    @Test
    void aLossMustBeOneFloatingPointNumber() {
        Parameters p = parameters(Map.of("w", new float[] {1, 2}));
        GradientStep step = step(p, 1);
        assertThatThrownBy(() -> step.accumulate(ROW, 1, tape -> p.get("w")))
                .hasMessageContaining("one number")
                .hasMessageContaining("(2)");
        assertThatThrownBy(() -> step.accumulate(ROW, 0, tape -> p.get("w").sum()))
                .hasMessageContaining("normaliser is 0.0");
    }

    @Test
    void aStepLeavesNoArrayBehind() {
        Parameters p = parameters(Map.of("w", new float[] {1, 2}));
        GradientStep step = step(p, 1);
        Torch.run(() -> Leaks.assertNone(p.manager(), 2, 20, () -> {
            // The result of weight * x belongs to the manager of the weight, which lives on.
            step.accumulate(ROW, 1, tape -> p.get("w").mul(p.get("w")).sum());
            step.update(0.01);
        }));
    }

    @Test
    void theSameLossEvaluatedWithoutATapeHasTheSameValue() {
        Parameters p = parameters(Map.of("w", new float[] {1, 2}));
        Tape.Loss loss = tape -> tape.cut(p.get("w").square()).sum();
        double value = Torch.call(() -> Tape.evaluate(loss));
        assertThat(value).isEqualTo(5);
        assertThat(step(p, 1).accumulate(ROW, 1, loss)).isEqualTo(value);
    }
}
