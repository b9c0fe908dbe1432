package org.rlhf4j.reward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;

/** Shape checks and constants for losses over a batch of scores. */
final class Vectors {
    private Vectors() {}

    static void requireSameLength(String nameA, NDArray a, String nameB, NDArray b) {
        if (a.getShape().dimension() != 1 || !a.getShape().equals(b.getShape())) {
            throw new IllegalArgumentException(nameA + " and " + nameB + " must be vectors of one length but are "
                    + a.getShape() + " and " + b.getShape());
        }
    }

    static void requireLength(String name, int length, NDArray vector) {
        if (vector.getShape().dimension() != 1 || vector.getShape().get(0) != length) {
            throw new IllegalArgumentException(
                    name + " has " + length + " entries for scores of shape " + vector.getShape());
        }
    }

    /** A constant of the device and floating-point type of {@code scores}. */
    static NDArray like(NDArray scores, float[] values) {
        if (scores.getDataType() == DataType.FLOAT64) {
            double[] wide = new double[values.length];
            for (int i = 0; i < wide.length; i++) {
                wide[i] = values[i];
            }
            return scores.getManager().create(wide);
        }
        return scores.getManager().create(values);
    }
}
