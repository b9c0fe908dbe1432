package org.rlhf4j.control.space;

/** Vectors of float32 with a lower and an upper bound for each element; a bound may be infinite. */
public final class Box implements Space<float[]> {
    private final float[] low;
    private final float[] high;

    /** Bounds element by element. */
    public Box(float[] low, float[] high) {
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

    @Override
    public void seed(long seed) {}

    @Override
    public float[] sample() {
        return low.clone();
    }
}
