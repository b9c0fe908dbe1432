package org.rlhf4j.core.tensor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;

/**
 * Copies between Java arrays and NDArrays; used on the tensor thread.
 *
 * <p>DJL's own {@code create(float[])} lets the array share the memory of a Java direct buffer: it counts against the
 * JVM's direct memory, is freed only by a garbage collection, and dangles under a view that outlives the array. What is
 * created here lives in the engine's memory. Copies run piece by piece, because one buffer holds 2 GiB at most.
 */
public final class HostCopy {
    /** Elements of a piece: at most 1 GiB. */
    private static final int PIECE = 1 << 27;

    private HostCopy() {}

    /** A new FLOAT32 vector in {@code manager}. */
    public static NDArray create(NDManager manager, float[] values) {
        return create(manager, new Shape(values.length), values);
    }

    /** A new FLOAT64 vector in {@code manager}. */
    public static NDArray create(NDManager manager, double[] values) {
        return create(manager, new Shape(values.length), values);
    }

    /** A new INT64 vector in {@code manager}. */
    public static NDArray create(NDManager manager, long[] values) {
        return create(manager, new Shape(values.length), values);
    }

    /** A new FLOAT32 array in {@code manager} with {@code values} in row-major order. */
    public static NDArray create(NDManager manager, Shape shape, float[] values) {
        NDArray array = empty(manager, shape, DataType.FLOAT32, values.length);
        write(array, values);
        return array;
    }

    /** A new FLOAT64 array in {@code manager} with {@code values} in row-major order. */
    public static NDArray create(NDManager manager, Shape shape, double[] values) {
        NDArray array = empty(manager, shape, DataType.FLOAT64, values.length);
        overwrite(
                array,
                0,
                values.length,
                (start, piece) -> piece.bytes.asDoubleBuffer().put(values, start, piece.count));
        return array;
    }

    /** A new INT64 array in {@code manager} with {@code values} in row-major order: token ids, positions, indices. */
    public static NDArray create(NDManager manager, Shape shape, long[] values) {
        NDArray array = empty(manager, shape, DataType.INT64, values.length);
        overwrite(
                array,
                0,
                values.length,
                (start, piece) -> piece.bytes.asLongBuffer().put(values, start, piece.count));
        return array;
    }

    /** A new INT64 array in {@code manager} with {@code values} in row-major order. */
    public static NDArray create(NDManager manager, Shape shape, int[] values) {
        long[] wide = new long[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return create(manager, shape, wide);
    }

    /** A new array of zeros in {@code manager}, also of {@link TorchOps#BFLOAT16}. */
    public static NDArray zeros(NDManager manager, Shape shape, DataType type) {
        if (type != TorchOps.BFLOAT16) {
            return manager.zeros(shape, type);
        }
        // The array that stands for the shape is never touched, so it takes no memory.
        try (NDArray like = manager.create(shape, DataType.FLOAT16)) {
            return Torch.withoutGradients(() -> Kernels.get().call("bfloat16_zeros", like));
        }
    }

    /** Overwrites the FLOAT32 array with {@code values} in row-major order. */
    public static void write(NDArray target, float[] values) {
        requireSize(target, values.length);
        write(target, 0, values, values.length);
    }

    /** Overwrites {@code count} elements of the FLOAT32 array from {@code offset} on with the first of {@code values}. */
    public static void write(NDArray target, long offset, float[] values, int count) {
        requireType(target, DataType.FLOAT32);
        overwrite(
                target,
                offset,
                count,
                (start, piece) -> piece.bytes.asFloatBuffer().put(values, start, piece.count));
    }

    /** The elements of a floating-point array in row-major order. */
    public static float[] toFloats(NDArray source) {
        float[] values = new float[Math.toIntExact(source.size())];
        read(source, 0, values, values.length);
        return values;
    }

    /** Copies {@code count} elements of a floating-point array from {@code offset} on to the start of {@code values}. */
    public static void read(NDArray source, long offset, float[] values, int count) {
        Scope.run(() -> {
            NDArray floats = source.getDataType() == DataType.FLOAT32 ? source : TorchOps.toFloat32(source);
            pieces(
                    floats,
                    offset,
                    count,
                    false,
                    (start, piece) -> piece.bytes.asFloatBuffer().get(values, start, piece.count));
        });
    }

    private record Piece(ByteBuffer bytes, int count) {}

    /** Gives {@code work} the memory of each piece, to be overwritten, with the piece's start among the {@code count} elements. */
    private static void overwrite(NDArray array, long offset, int count, BiConsumer<Integer, Piece> work) {
        pieces(array, offset, count, true, work);
    }

    private static void pieces(NDArray array, long offset, int count, boolean writes, BiConsumer<Integer, Piece> work) {
        if (offset < 0 || count < 0 || offset > array.size() - count) {
            throw new IllegalArgumentException(
                    "elements " + offset + " to " + (offset + count) + " of an array of shape " + array.getShape());
        }
        for (int start = 0; start < count; start += PIECE) {
            int from = start;
            int size = Math.min(PIECE, count - start);
            Scope.run(() -> {
                NDArray flat = array.reshape(-1);
                boolean whole = size == array.size();
                NDArray slice = whole ? flat : flat.get(new NDIndex().addSliceDim(offset + from, offset + from + size));
                if (slice.getDevice().equals(Device.cpu())) {
                    work.accept(from, new Piece(slice.toByteBuffer(true), size));
                    return;
                }
                NDArray copy = Torch.withoutGradients(() -> Kernels.get().call("to_main_memory", slice));
                work.accept(from, new Piece(copy.toByteBuffer(true), size));
                if (writes) {
                    TorchOps.copyInto(slice, copy);
                }
            });
        }
    }

    private static NDArray empty(NDManager manager, Shape shape, DataType type, int values) {
        if (shape.size() != values) {
            throw new IllegalArgumentException(values + " values for an array of shape " + shape);
        }
        return manager.create(shape, type);
    }

    private static void requireSize(NDArray target, int values) {
        if (target.size() != values) {
            throw new IllegalArgumentException(values + " values for an array of shape " + target.getShape());
        }
    }

    private static void requireType(NDArray target, DataType type) {
        if (target.getDataType() != type) {
            throw new IllegalArgumentException("the array is " + target.getDataType() + ", not " + type);
        }
    }
}
