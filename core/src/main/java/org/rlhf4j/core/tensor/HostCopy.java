package org.rlhf4j.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/** Copies between Java arrays and NDArrays, piece by piece, because DJL's own copies overflow at 2 GiB. */
public final class HostCopy {
    private static final int PIECE = 1 << 26;

    private HostCopy() {}

    /** The elements in row-major order as floats. */
    public static float[] toFloats(NDArray array) {
        float[] result = new float[Math.toIntExact(array.size())];
        Scope.run(() -> {
            NDArray flat = array.reshape(-1);
            for (int start = 0; start < result.length; start += PIECE) {
                int end = Math.min(result.length, start + PIECE);
                NDArray piece = TorchOps.toFloat32(flat.get(new NDIndex("{}:{}", start, end)));
                System.arraycopy(piece.toFloatArray(), 0, result, start, end - start);
            }
        });
        return result;
    }

    /** Overwrites {@code target} with {@code values} in row-major order. */
    public static void set(NDArray target, float[] values) {
        if (target.size() != values.length) {
            throw new IllegalArgumentException(values.length + " values for an array of shape " + target.getShape());
        }
        try (Scope scope = new Scope()) {
            NDArray flat = target.reshape(-1);
            for (int start = 0; start < values.length; start += PIECE) {
                int end = Math.min(values.length, start + PIECE);
                NDArray piece = scope.manager().create(Arrays.copyOfRange(values, start, end));
                TorchOps.copyInto(flat.get(new NDIndex("{}:{}", start, end)), piece);
            }
        }
    }

    /** A new float32 array in {@code manager}. */
    public static NDArray create(NDManager manager, Shape shape, float[] values) {
        NDArray array = manager.create(shape, DataType.FLOAT32);
        set(array, values);
        return array;
    }
}
