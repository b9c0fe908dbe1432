package org.rlhf4j.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlhf4j.testing.TensorAssertions.assertClose;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;

final class TensorAssertionsTest {
    private static final NDArray MATRIX = FakeTensors.floats(new Shape(2, 3), 1, 2, 3, 4, 5, 6);

    @Test
    void equalTensorsAgreeAtToleranceZero() {
        assertClose(MATRIX, MATRIX, 0, 0);
        assertClose(MATRIX, new double[] {1, 2, 3, 4, 5, 6}, 0, 0);
        assertClose(MATRIX, new Shape(2, 3), new double[] {1, 2, 3, 4, 5, 6}, 0, 0);
    }

    @Test
    void theToleranceIsAbsolutePlusRelativeToTheExpectedValue() {
        // |103 - 100| = 3 <= 1 + 0.02 * 100, but not <= 0.99 + 0.02 * 100.
        assertClose(103, 100, 1, 0.02);
        assertThatThrownBy(() -> assertClose(103, 100, 0.99, 0.02)).isInstanceOf(AssertionError.class);
    }

    @Test
    void aDifferenceIsNamedWithIndexAndValues() {
        NDArray other = FakeTensors.floats(new Shape(2, 3), 1, 2, 3, 4, 5.5f, 6);
        assertThatThrownBy(() -> assertClose(other, MATRIX, 0.1, 0))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("1 of 6 elements differ")
                .hasMessageContaining("element [1, 1] is 5.5, expected 5.0");
    }

    @Test
    void onlyTheFirstDifferencesAreShown() {
        double[] zeros = new double[100];
        double[] ones = new double[100];
        java.util.Arrays.fill(ones, 1);
        assertThatThrownBy(() -> assertClose(zeros, ones, 0.5, 0))
                .hasMessageContaining("100 of 100 elements")
                .hasMessageContaining("element [4]")
                .hasMessageNotContaining("element [5]");
    }

    @Test
    void nanAndInfinityAgreeWithNothing() {
        assertThatThrownBy(() -> assertClose(Double.NaN, Double.NaN, 1, 1)).isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> assertClose(Double.NaN, 0, Double.POSITIVE_INFINITY, 0))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> assertClose(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 1, 1))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() ->
                        TensorAssertions.assertFinite(FakeTensors.floats(new Shape(3), 1, Float.NEGATIVE_INFINITY, 3)))
                .hasMessageContaining("element [1] is -Infinity");
        TensorAssertions.assertFinite(MATRIX);
    }

    @Test
    void aNegativeOrMissingToleranceIsAMistakeOfTheTest() {
        assertThatThrownBy(() -> assertClose(1, 1, -1, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> assertClose(1, 1, 0, Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shapesAndSizesMustAgree() {
        assertThatThrownBy(() -> assertClose(MATRIX, new Shape(3, 2), new double[] {1, 2, 3, 4, 5, 6}, 0, 0))
                .hasMessage("shape is (2, 3), expected (3, 2)");
        assertThatThrownBy(() -> assertClose(MATRIX, new double[5], 0, 0))
                .hasMessageContaining("6 elements, expected 5");
        assertThatThrownBy(() -> assertClose(new double[2], new double[3], 0, 0))
                .hasMessage("2 elements, expected 3");
        assertThatThrownBy(() -> TensorAssertions.maxDifference(new double[2], new double[3]))
                .hasMessage("2 elements, expected 3");
    }

    @Test
    void everyTypeIsRead() {
        Shape two = new Shape(2);
        double[] expected = {1, 0};
        assertClose(FakeTensors.array(DataType.FLOAT64, two, new double[] {1, 0}), expected, 0, 0);
        assertClose(FakeTensors.array(DataType.FLOAT16, two, new float[] {1, 0}), expected, 0, 0);
        assertClose(FakeTensors.array(DataType.INT32, two, new int[] {1, 0}), expected, 0, 0);
        assertClose(FakeTensors.array(DataType.INT64, two, new long[] {1, 0}), expected, 0, 0);
        assertClose(FakeTensors.array(DataType.BOOLEAN, two, new boolean[] {true, false}), expected, 0, 0);
        assertClose(new float[] {1, 0}, new float[] {1, 0}, 0, 0);
    }

    @Test
    void theLargestDifferenceCountsNan() {
        assertThat(TensorAssertions.maxDifference(new double[] {1, -2}, new double[] {1.5, 1}))
                .isEqualTo(3);
        assertThat(TensorAssertions.maxDifference(new double[] {Double.NaN, 1}, new double[] {0, 1}))
                .isNaN();
        assertThat(TensorAssertions.maxDifference(new double[0], new double[0])).isZero();
    }
}
