package org.rlhf4j.core.safetensors;

import ai.djl.ndarray.types.Shape;

/**
 * What a safetensors header says of one tensor, already checked against the file.
 *
 * @param name the tensor's name in the file
 * @param dtype the element type in the file
 * @param shape the dimensions, outermost first; empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end one past the last byte
 */
public record TensorInfo(String name, DType dtype, Shape shape, long begin, long end) {

    /** Number of elements: the product of the dimensions, 1 for a scalar. */
    public long elements() {
        return shape.size();
    }

    /** Bytes in the file. */
    public long bytes() {
        return end - begin;
    }
}
