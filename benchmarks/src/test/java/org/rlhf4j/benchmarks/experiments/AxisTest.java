package org.rlhf4j.benchmarks.experiments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Round ticks. Expected values by hand: a fifth of the range, rounded to 1, 2, 5 or 10 times a power of ten. */
class AxisTest {
    private static Axis axis(double... values) {
        return Axis.enclosing(DoubleStream.of(values));
    }

    @Test
    void aRangeOfTenHasTicksAtEvenNumbers() {
        // A fifth is 2.
        assertThat(axis(0, 4, 10).ticks()).containsExactly(0.0, 2.0, 4.0, 6.0, 8.0, 10.0);
        assertThat(axis(0, 4, 10).labels()).containsExactly("0", "2", "4", "6", "8", "10");
    }

    @Test
    void ticksEncloseTheValues() {
        // A fifth of 0.74 is 0.148, whose mantissa 1.48 is below 1.5: steps of 0.1 from 0.1 to 0.9.
        assertThat(axis(0.13, 0.87).labels())
                .containsExactly("0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9");
        // A fifth of 9 is 1.8, rounded to 2: from -4 to 6, though the values end at -3 and 6.
        assertThat(axis(-3, 6).labels()).containsExactly("-4", "-2", "0", "2", "4", "6");
    }

    @Test
    void stepsOfFiveKeepTheirDigits() {
        // A fifth of 0.02 is 0.004, rounded to 0.005.
        assertThat(axis(0, 0.02).labels()).containsExactly("0", "0.005", "0.010", "0.015", "0.020");
    }

    @Test
    void largeAndSmallNumbersArePowersOfTen() {
        assertThat(axis(0, 5e-7).labels()).containsExactly("0", "1e-7", "2e-7", "3e-7", "4e-7", "5e-7");
        assertThat(axis(0, 100_000).labels()).containsExactly("0", "20000", "40000", "60000", "80000", "100000");
        assertThat(axis(0, 1e9).labels()).containsExactly("0", "2e8", "4e8", "6e8", "8e8", "1e9");
    }

    @Test
    void equalValuesHaveOneUnitAroundThem() {
        // From 2.5 to 3.5 in steps of 0.2: 2.4 to 3.6.
        Axis axis = axis(3, 3, 3);
        assertThat(axis.low()).isEqualTo(2.4);
        assertThat(axis.high()).isEqualTo(3.6);
        assertThat(axis(1e12).high()).isGreaterThan(1e12);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "5, 0.5", "10, 1", "-5, -0.5"})
    void positionsAreSharesOfTheAxis(double value, double position) {
        assertThat(axis(0, 10).position(value)).isCloseTo(position, within(1e-12));
    }

    @Test
    void everyRangeHasFewTicksThatEncloseIt() {
        for (double low = -7; low < 7; low += 1.37) {
            for (double width = 1e-9; width < 1e9; width *= 3.7) {
                Axis axis = axis(low, low + width);
                assertThat(axis.ticks()).hasSizeBetween(3, 12);
                assertThat(axis.low()).isLessThanOrEqualTo(low + 1e-6 * width);
                assertThat(axis.high()).isGreaterThanOrEqualTo(low + width * (1 - 1e-6));
            }
        }
    }

    @Test
    void whatCannotBeShownIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> axis(1, Double.NaN))
                .withMessageContaining("NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> axis(1, Double.POSITIVE_INFINITY))
                .withMessageContaining("Infinity");
        assertThatIllegalArgumentException().isThrownBy(AxisTest::axis).withMessageContaining("without values");
    }
}
