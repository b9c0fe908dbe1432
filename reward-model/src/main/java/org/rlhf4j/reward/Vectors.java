package org.rlhf4j.reward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import org.rlhf4j.core.tensor.HostCopy;

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

    /** A constant of the floating-point type of {@code scores}. */
    static NDArray like(NDArray scores, double[] values) {
        if (scores.getDataType() == DataType.FLOAT64) {
            return HostCopy.create(scores.getManager(), values);
        }
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return HostCopy.create(scores.getManager(), narrow);
    }

    /** Positions in a vector, for picking entries out of it. */
    static NDArray indices(NDArray scores, int[] positions) {
        return HostCopy.create(
                scores.getManager(), Arrays.stream(positions).asLongStream().toArray());
    }
}
