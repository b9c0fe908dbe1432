package org.rlhf4j.testing;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.Locale;

/**
 * Assertions that numbers agree within a tolerance.
 *
 * <p>Values a (actual) and e (expected) agree when {@code |a - e| <= atol + rtol * |e|}. NaN and infinity agree with
 * nothing, not even with themselves: a test that expects one says so in its own words.
 */
public final class TensorAssertions {
    private static final int MAX_SHOWN = 5;

    private TensorAssertions() {}

    /**
     * Asserts the shape and that every element agrees.
     *
     * @param actual any shape; float32, float64, float16, integers or booleans
     * @param expected of the same shape, possibly of another type
     * @param atol absolute tolerance, at least 0
     * @param rtol tolerance relative to the expected value, at least 0
     */
    public static void assertClose(NDArray actual, NDArray expected, double atol, double rtol) {
        assertClose(actual, expected.getShape(), doubles(expected), atol, rtol);
    }

    /**
     * Asserts the number of elements and that each agrees, whatever the shape.
     *
     * @param actual any shape
     * @param expected flat, row-major
     * @param atol absolute tolerance, at least 0
     * @param rtol tolerance relative to the expected value, at least 0
     */
    public static void assertClose(NDArray actual, double[] expected, double atol, double rtol) {
        if (actual.size() != expected.length) {
            throw new AssertionError(
                    "shape " + actual.getShape() + " has " + actual.size() + " elements, expected " + expected.length);
        }
        assertClose(actual, actual.getShape(), expected, atol, rtol);
    }

    /**
     * Asserts the shape and that every element agrees.
     *
     * @param actual any shape
     * @param shape the expected shape
     * @param expected the expected values, flat, row-major
     * @param atol absolute tolerance, at least 0
     * @param rtol tolerance relative to the expected value, at least 0
     */
    public static void assertClose(NDArray actual, Shape shape, double[] expected, double atol, double rtol) {
        if (!actual.getShape().equals(shape)) {
            throw new AssertionError("shape is " + actual.getShape() + ", expected " + shape);
        }
        compare(doubles(actual), expected, shape.getShape(), atol, rtol);
    }

    /** Asserts that two arrays have the same length and agree element by element. */
    public static void assertClose(double[] actual, double[] expected, double atol, double rtol) {
        compare(actual, expected, new long[] {expected.length}, atol, rtol);
    }

    /** Asserts that two arrays have the same length and agree element by element. */
    public static void assertClose(float[] actual, double[] expected, double atol, double rtol) {
        compare(widen(actual), expected, new long[] {expected.length}, atol, rtol);
    }

    /** Asserts that two arrays have the same length and agree element by element. */
    public static void assertClose(float[] actual, float[] expected, double atol, double rtol) {
        assertClose(actual, widen(expected), atol, rtol);
    }

    /** Asserts that two numbers agree. */
    public static void assertClose(double actual, double expected, double atol, double rtol) {
        compare(new double[] {actual}, new double[] {expected}, new long[0], atol, rtol);
    }

    /** Asserts that every element is a number. */
    public static void assertFinite(NDArray actual) {
        double[] values = doubles(actual);
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new AssertionError("element " + place(i, actual.getShape().getShape()) + " is " + values[i]);
            }
        }
    }

    /**
     * The largest absolute difference; NaN if either side has one.
     *
     * @param actual {@code [n]}
     * @param expected {@code [n]}
     * @return the difference, 0 for empty arrays
     */
    public static double maxDifference(double[] actual, double[] expected) {
        if (actual.length != expected.length) {
            throw new AssertionError(actual.length + " elements, expected " + expected.length);
        }
        double largest = 0;
        for (int i = 0; i < actual.length; i++) {
            largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
        }
        return largest;
    }

    /** The elements as doubles, flat, row-major; true is 1. */
    public static double[] doubles(NDArray array) {
        DataType type = array.getDataType();
        return switch (type) {
            case FLOAT32 -> widen(array.toFloatArray());
            case FLOAT64 -> array.toDoubleArray();
            case INT32 -> Arrays.stream(array.toIntArray()).asDoubleStream().toArray();
            case INT64 -> Arrays.stream(array.toLongArray()).asDoubleStream().toArray();
            case BOOLEAN -> widen(array.toBooleanArray());
            default -> {
                try (NDArray single = array.toType(DataType.FLOAT32, true)) {
                    yield widen(single.toFloatArray());
                }
            }
        };
    }

    private static void compare(double[] actual, double[] expected, long[] shape, double atol, double rtol) {
        if (!(atol >= 0) || !(rtol >= 0)) {
            throw new IllegalArgumentException("tolerances must be at least 0 but are " + atol + " and " + rtol);
        }
        if (actual.length != expected.length) {
            throw new AssertionError(actual.length + " elements, expected " + expected.length);
        }
        StringBuilder examples = new StringBuilder();
        int wrong = 0;
        double largest = 0;
        for (int i = 0; i < actual.length; i++) {
            double difference = Math.abs(actual[i] - expected[i]);
            boolean agrees = Double.isFinite(actual[i])
                    && Double.isFinite(expected[i])
                    && difference <= atol + rtol * Math.abs(expected[i]);
            largest = Math.max(largest, difference);
            if (!agrees && wrong++ < MAX_SHOWN) {
                examples.append(String.format(
                        Locale.ROOT,
                        "%n  element %s is %s, expected %s (difference %.3g)",
                        place(i, shape),
                        actual[i],
                        expected[i],
                        difference));
            }
        }
        if (wrong > 0) {
            throw new AssertionError(String.format(
                    Locale.ROOT,
                    "%d of %d elements differ by more than %.3g + %.3g |expected|; the largest difference is %.3g:%s",
                    wrong,
                    actual.length,
                    atol,
                    rtol,
                    largest,
                    examples));
        }
    }

    /** The index of a flat position in a shape: [2, 0, 5]. */
    private static String place(int flat, long[] shape) {
        long[] index = new long[shape.length];
        long rest = flat;
        for (int d = shape.length - 1; d >= 0; d--) {
            index[d] = rest % shape[d];
            rest /= shape[d];
        }
        return Arrays.toString(index);
    }

    private static double[] widen(float[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    private static double[] widen(boolean[] values) {
        double[] wide = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            wide[i] = values[i] ? 1 : 0;
        }
        return wide;
    }
}
