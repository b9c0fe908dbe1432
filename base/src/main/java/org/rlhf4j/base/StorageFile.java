package org.rlhf4j.base;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/** A file open for writing: a stream and a channel in one. Every write goes to the operating system at once. */
public abstract class StorageFile extends OutputStream implements WritableByteChannel {
    /** For the storages of this package and of tests. */
    protected StorageFile() {}

    /** Writes all remaining bytes of the buffer and returns how many they were. */
    @Override
    public abstract int write(ByteBuffer bytes) throws IOException;

    /** Makes what was written survive a power loss. */
    public abstract void sync() throws IOException;

    @Override
    public abstract void close() throws IOException;

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        write(ByteBuffer.wrap(bytes, offset, length));
    }

    @Override
    public void write(int b) throws IOException {
        write(ByteBuffer.wrap(new byte[] {(byte) b}));
    }
}
