package org.rlhf4j.core.safetensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * One tensor to be written: where its float32 values come from, and the element type they get in the file.
 *
 * @param name the name in the file; 1 to 1024 bytes of UTF-8
 * @param shape the dimensions, outermost first
 * @param dtype {@link DType#F32}, {@link DType#F16} or {@link DType#BF16}
 * @param elements the values, row-major
 */
public record TensorSource(String name, Shape shape, DType dtype, Elements elements) {

    /** Values in row-major order, handed out in pieces. */
    @FunctionalInterface
    public interface Elements {
        /** The {@code count} values from number {@code first} on; called with ascending {@code first}. */
        float[] read(long first, int count);
    }

    /** Refuses an element type that is not one of weights. */
    public TensorSource {
        if (!dtype.isWeight()) {
            throw new IllegalArgumentException("weights are written as F32, F16 or BF16, not as " + dtype);
        }
    }

    /**
     * An array of the engine, which must stay open and unchanged until it is written.
     *
     * @throws IllegalArgumentException if it is not of float32 or bfloat16
     */
    public static TensorSource of(String name, NDArray array, DType dtype) {
        if (array.getDataType() != DataType.FLOAT32 && !TorchOps.isBfloat16(array)) {
            throw new IllegalArgumentException("tensor " + name + " is of " + array.getDataType() + ", not FLOAT32");
        }
        return new TensorSource(name, array.getShape(), dtype, (first, count) -> {
            try (TensorTransfer transfer = new TensorTransfer(array)) {
                return transfer.download(first, count);
            }
        });
    }

    /**
     * Values in a Java array, such as the state of an optimizer.
     *
     * @throws IllegalArgumentException if shape and length disagree
     */
    public static TensorSource of(String name, float[] values, Shape shape, DType dtype) {
        if (shape.size() != values.length) {
            throw new IllegalArgumentException(
                    "tensor " + name + " of shape " + shape + " has " + values.length + " values");
        }
        return new TensorSource(
                name, shape, dtype, (first, count) -> Arrays.copyOfRange(values, (int) first, (int) first + count));
    }

    /** Bytes in the file. */
    public long bytes() {
        return Math.multiplyExact(shape.size(), (long) dtype.bits() / Byte.SIZE);
    }
}
