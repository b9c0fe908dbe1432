package org.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;

/**
 * Gradients of a function of arrays: against finite differences, and against another implementation. Runs where the engine
 * runs, on its one thread.
 *
 * <p>A function {@code f} of any shape is made a number by {@code sum(f * r)} with fixed, all different weights {@code r},
 * so that an error in one element cannot hide behind another.
 */
public final class GradientCheck {
    private static final double STEP = 1e-5;

    private GradientCheck() {}

    /** A differentiable function. */
    public interface Differentiable extends Function<List<NDArray>, NDArray> {}

    /** Standard normal values that depend on nothing but the seed. */
    public static double[] normal(long seed, Shape shape) {
        SplittableRandom random = new SplittableRandom(seed);
        return random.doubles(shape.size())
                .map(u -> Math.sqrt(-2 * Math.log(1 - u)) * Math.cos(2 * Math.PI * random.nextDouble()))
                .toArray();
    }

    /** Checks the gradient with respect to every input by central differences in float64. */
    public static void byFiniteDifferences(Differentiable f, List<double[]> values, List<Shape> shapes) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Result result = evaluate(manager, f, values, shapes, DataType.FLOAT64);
            for (int input = 0; input < values.size(); input++) {
                for (int i = 0; i < values.get(input).length; i++) {
                    double slope =
                            (shifted(f, values, shapes, input, i, STEP) - shifted(f, values, shapes, input, i, -STEP))
                                    / (2 * STEP);
                    double gradient = result.gradient(input)[i];
                    assertThat(gradient)
                            .as("gradient of input %d at %d", input, i)
                            .isCloseTo(slope, within(1e-6 * Math.max(1, Math.abs(slope))));
                }
            }
        }
    }

    /** Checks that two functions agree in float32: values and gradients within {@code tolerance} of the largest. */
    public static void sameInFloat32(
            Differentiable actual,
            Differentiable expected,
            List<double[]> values,
            List<Shape> shapes,
            double tolerance) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Result got = evaluate(manager, actual, values, shapes, DataType.FLOAT32);
            Result wanted = evaluate(manager, expected, values, shapes, DataType.FLOAT32);
            assertClose("value", got.value(), wanted.value(), tolerance);
            for (int i = 0; i < values.size(); i++) {
                assertClose("gradient of input " + i, got.gradient(i), wanted.gradient(i), tolerance);
            }
        }
    }

    /** Checks that two arrays agree within {@code tolerance} of the largest expected magnitude. */
    public static void assertClose(String what, double[] actual, double[] expected, double tolerance) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        double largest = 0;
        for (double e : expected) {
            largest = Math.max(largest, Math.abs(e));
        }
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("%s at %d", what, i).isCloseTo(expected[i], within(tolerance * largest));
        }
    }

    /** The value of a function, then the gradient with respect to each input. */
    private record Result(List<double[]> valueAndGradients) {
        double[] value() {
            return valueAndGradients.get(0);
        }

        double[] gradient(int input) {
            return valueAndGradients.get(1 + input);
        }
    }

    private static Result evaluate(
            NDManager manager, Differentiable f, List<double[]> values, List<Shape> shapes, DataType type) {
        List<NDArray> inputs = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            NDArray input = array(manager, values.get(i), shapes.get(i), type);
            input.setRequiresGradient(true);
            inputs.add(input);
        }
        try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
            NDArray y = f.apply(inputs);
            collector.backward(weighted(manager, y));
            List<double[]> results = new ArrayList<>(List.of(doubles(y)));
            inputs.forEach(input -> results.add(doubles(input.getGradient())));
            return new Result(results);
        }
    }

    private static double shifted(
            Differentiable f, List<double[]> values, List<Shape> shapes, int input, int index, double by) {
        try (NDManager manager = NDManager.newBaseManager()) {
            List<NDArray> inputs = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                double[] copy = values.get(i).clone();
                if (i == input) {
                    copy[index] += by;
                }
                inputs.add(array(manager, copy, shapes.get(i), DataType.FLOAT64));
            }
            return weighted(manager, f.apply(inputs)).toDoubleArray()[0];
        }
    }

    private static NDArray weighted(NDManager manager, NDArray y) {
        double[] weights = new double[Math.toIntExact(y.size())];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = Math.cos(1 + 0.7 * i);
        }
        return y.mul(array(manager, weights, y.getShape(), y.getDataType())).sum();
    }

    private static NDArray array(NDManager manager, double[] values, Shape shape, DataType type) {
        if (type == DataType.FLOAT64) {
            return manager.create(values, shape);
        }
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return manager.create(narrow, shape);
    }

    private static double[] doubles(NDArray array) {
        if (array.getDataType() == DataType.FLOAT64) {
            return array.toDoubleArray();
        }
        float[] floats = array.toFloatArray();
        double[] wide = new double[floats.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = floats[i];
        }
        return wide;
    }
}
