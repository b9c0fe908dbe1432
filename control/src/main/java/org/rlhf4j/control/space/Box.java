package org.rlhf4j.control.space;

import java.util.Arrays;
import org.rlhf4j.control.random.Generator;

/** Vectors of float32 with a lower and an upper bound for each element; a bound may be infinite. */
public final class Box implements Space<float[]> {
    private final float[] low;
    private final float[] high;
    private final Generator generator = new Generator(0);

    /**
     * The same bounds for each of {@code size} elements.
     *
     * @throws IllegalArgumentException as of {@link #Box(float[], float[])}
     */
    public Box(float low, float high, int size) {
        this(filled(low, size), filled(high, size));
    }

    /**
     * Bounds element by element.
     *
     * @throws IllegalArgumentException if there are none, their numbers differ, one is NaN, or an interval is empty
     */
    public Box(float[] low, float[] high) {
        if (low.length == 0 || low.length != high.length) {
            throw new IllegalArgumentException("Box: needs as many lower as upper bounds, at least one; there are "
                    + low.length + " and " + high.length);
        }
        for (int i = 0; i < low.length; i++) {
            boolean holdsNumbers =
                    low[i] <= high[i] && low[i] < Float.POSITIVE_INFINITY && high[i] > Float.NEGATIVE_INFINITY;
            if (!holdsNumbers) {
                throw new IllegalArgumentException(
                        "Box: no number lies between the bounds " + low[i] + " and " + high[i] + " of element " + i);
            }
        }
        this.low = low.clone();
        this.high = high.clone();
    }

    /** How many elements. */
    public int size() {
        return low.length;
    }

    /** The lower bounds, a copy. */
    public float[] low() {
        return low.clone();
    }

    /** The upper bounds, a copy. */
    public float[] high() {
        return high.clone();
    }

    /** Whether the vector has as many elements and each lies within its bounds, which NaN never does. */
    @Override
    public boolean contains(float[] value) {
        if (value.length != low.length) {
            return false;
        }
        for (int i = 0; i < low.length; i++) {
            if (!(value[i] >= low[i] && value[i] <= high[i])) {
                return false;
            }
        }
        return true;
    }

    /**
     * The nearest vector of the box; NaN stays NaN.
     *
     * @throws IllegalArgumentException if the vector has another number of elements
     */
    public float[] clip(float[] value) {
        if (value.length != low.length) {
            throw new IllegalArgumentException(this + " cannot clip a vector of " + value.length + " elements");
        }
        float[] clipped = new float[low.length];
        for (int i = 0; i < low.length; i++) {
            clipped[i] = Math.min(Math.max(value[i], low[i]), high[i]);
        }
        return clipped;
    }

    @Override
    public void seed(long seed) {
        generator.seed(seed);
    }

    /**
     * Uniform between two bounds; beyond or below a single one by an exponential amount of mean 1; standard normal where
     * there is none. As in Gymnasium, the unbounded elements are drawn first, then those with a lower bound only, those with
     * an upper bound only, and those with both.
     */
    @Override
    public float[] sample() {
        float[] sample = new float[low.length];
        for (Kind kind : Kind.IN_ORDER) {
            for (int i = 0; i < low.length; i++) {
                if (Kind.of(low[i], high[i]) == kind) {
                    sample[i] = (float) kind.draw(generator, low[i], high[i]);
                }
            }
        }
        return sample;
    }

    /** Whether the other has the same bounds; where the generators are does not count. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Box that && Arrays.equals(low, that.low) && Arrays.equals(high, that.high);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(low) + Arrays.hashCode(high);
    }

    /** Much as Gymnasium writes it: {@code Box(-1.0, 1.0, (1,), float32)}; bounds that differ are listed. */
    @Override
    public String toString() {
        return "Box(" + written(low) + ", " + written(high) + ", (" + low.length + ",), float32)";
    }

    private static String written(float[] bounds) {
        boolean equal = true;
        for (float bound : bounds) {
            equal &= bound == bounds[0];
        }
        return equal ? String.valueOf(bounds[0]) : Arrays.toString(bounds);
    }

    private static float[] filled(float value, int size) {
        float[] values = new float[Math.max(size, 0)];
        Arrays.fill(values, value);
        return values;
    }

    /** Which bounds an element has, in the order in which they are drawn. */
    private enum Kind {
        UNBOUNDED,
        BELOW,
        ABOVE,
        BOTH;

        private static final Kind[] IN_ORDER = values();

        private static Kind of(float low, float high) {
            if (low == Float.NEGATIVE_INFINITY) {
                return high == Float.POSITIVE_INFINITY ? UNBOUNDED : ABOVE;
            }
            return high == Float.POSITIVE_INFINITY ? BELOW : BOTH;
        }

        private double draw(Generator generator, float low, float high) {
            return switch (this) {
                case UNBOUNDED -> generator.standardNormal();
                case BELOW -> generator.standardExponential() + low;
                case ABOVE -> -generator.standardExponential() + high;
                case BOTH -> generator.uniform(low, high);
            };
        }
    }
}
