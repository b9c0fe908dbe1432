package org.rlhf4j.core.safetensors;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.rlhf4j.core.tensor.HostCopy;
import org.rlhf4j.core.tensor.TorchOps;

/**
 * Moves arrays of any size between the engine and Java, which has them as float32, in chunks: one buffer or Java array of the engine is
 * limited to 2 GiB, and a direct buffer given to it is aliased, so this one is private and copied from.
 */
final class TensorTransfer implements AutoCloseable {
    /** Elements moved at a time: 4 MiB of float32. */
    static final int CHUNK = 1 << 20;

    /** One for all tensors: buffers that are left to the collector pile up to a second copy of a model. */
    private static final ThreadLocal<ByteBuffer> BUFFER = ThreadLocal.withInitial(
            () -> ByteBuffer.allocateDirect(CHUNK * Float.BYTES).order(ByteOrder.nativeOrder()));

    private final NDManager manager;
    private final NDArray array;
    private final NDArray flat;

    /** Prepares to fill or read an array; it stays open when this is closed. */
    TensorTransfer(NDArray array) {
        this.array = array;
        manager = array.getManager().newSubManager();
        flat = array.reshape(-1);
        flat.attach(manager);
    }

    /** A new array that owns its memory, of float32 or bfloat16; its content is undefined. */
    static NDArray allocate(NDManager manager, Shape shape, boolean bfloat16) {
        Math.multiplyExact(shape.size(), Float.BYTES);
        return bfloat16 ? HostCopy.zeros(manager, shape, TorchOps.BFLOAT16) : manager.create(shape, DataType.FLOAT32);
    }

    /** Room for the next chunk. */
    FloatBuffer chunk(int count) {
        return BUFFER.get().clear().asFloatBuffer().limit(count);
    }

    /** Copies the chunk to the elements from {@code first} on, rounded where the array is of bfloat16. */
    void upload(long first, int count) {
        ByteBuffer bytes = BUFFER.get().clear().limit(count * Float.BYTES);
        try (NDArray piece = manager.create(bytes, new Shape(count), DataType.FLOAT32);
                NDArray target = flat.get(manager, new NDIndex("{}:{}", first, first + count))) {
            // DJL's own copyTo gives the target new memory, which a slice would not share with its array.
            TorchOps.copyInto(target, piece);
        }
    }

    /** The elements from {@code first} on. */
    float[] download(long first, int count) {
        try (NDArray piece = flat.get(manager, new NDIndex("{}:{}", first, first + count))) {
            return HostCopy.toFloats(piece);
        }
    }

    /** Number of elements. */
    long size() {
        return array.size();
    }

    @Override
    public void close() {
        manager.close();
    }
}
