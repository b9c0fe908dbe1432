package org.rlhf4j.benchmarks.experiments;

import java.math.BigDecimal;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/**
 * One axis of a chart with round tick marks (Heckbert, "Nice numbers for graph labels", Graphics Gems, 1990): the step is 1, 2
 * or 5 times a power of ten, and the axis ends at the multiples of the step that enclose the values.
 *
 * @param first the lowest tick, in steps
 * @param last the highest tick, in steps; above the first
 * @param step between ticks, positive
 */
public record Axis(long first, long last, BigDecimal step) {
    private static final int STEPS = 5;
    private static final int MOST_DIGITS = 6;

    /** Checks the order. */
    public Axis {
        if (first >= last || step.signum() <= 0) {
            throw new IllegalArgumentException("an axis from " + first + " to " + last + " in steps of " + step);
        }
    }

    /**
     * The axis that encloses values.
     *
     * @param values at least one, finite; where all are equal, one unit is shown around them
     * @throws IllegalArgumentException if there is none, or one is not finite
     */
    public static Axis enclosing(DoubleStream values) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (double value : values.toArray()) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("a chart cannot show " + value);
            }
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        if (low > high) {
            throw new IllegalArgumentException("a chart without values has no axis");
        }
        if (low == high) {
            // Also where a double has no room for halves of one: the width grows with the value.
            double half = Math.max(0.5, Math.abs(low) * 1e-6);
            low -= half;
            high += half;
        }
        BigDecimal step = roundStep((high - low) / STEPS);
        return new Axis(
                (long) Math.floor(low / step.doubleValue() + 1e-9),
                (long) Math.ceil(high / step.doubleValue() - 1e-9),
                step);
    }

    /** The nearest of 1, 2, 5 and 10 times a power of ten, by Heckbert's limits 1.5, 3 and 7. */
    private static BigDecimal roundStep(double wanted) {
        int power = (int) Math.floor(Math.log10(wanted));
        double mantissa = wanted / Math.pow(10, power);
        int round = mantissa < 1.5 ? 1 : mantissa < 3 ? 2 : mantissa < 7 ? 5 : 10;
        return BigDecimal.valueOf(round).scaleByPowerOfTen(power);
    }

    /** The value of the lowest tick. */
    public double low() {
        return tick(first).doubleValue();
    }

    /** The value of the highest tick. */
    public double high() {
        return tick(last).doubleValue();
    }

    /** Where a value lies, 0 at the lowest tick and 1 at the highest. */
    public double position(double value) {
        return (value - low()) / (high() - low());
    }

    /** The values of the ticks, ascending. */
    public List<Double> ticks() {
        return LongStream.rangeClosed(first, last)
                .mapToObj(number -> tick(number).doubleValue())
                .toList();
    }

    /** What stands at the ticks: as many digits as the step has, or powers of ten where that would be many. */
    public List<String> labels() {
        return LongStream.rangeClosed(first, last).mapToObj(this::label).toList();
    }

    private BigDecimal tick(long number) {
        return step.multiply(BigDecimal.valueOf(number));
    }

    private String label(long number) {
        BigDecimal plain = tick(number).stripTrailingZeros();
        if (plain.signum() == 0) {
            return "0";
        }
        int digits = Math.max(plain.precision() - plain.scale(), plain.scale());
        if (digits > MOST_DIGITS) {
            int power = plain.precision() - plain.scale() - 1;
            return plain.scaleByPowerOfTen(-power).toPlainString() + "e" + power;
        }
        return tick(number)
                .setScale(Math.max(0, step.stripTrailingZeros().scale()))
                .toPlainString();
    }
}
