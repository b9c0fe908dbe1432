package org.rlhf4j.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** A disk with room for three bytes of an appended file, until it is written to again. */
record TornStorage(Storage disk) implements Storage {
    @Override
    public StorageFile create(Path file) throws IOException {
        return disk.create(file);
    }

    @Override
    public StorageFile openForAppend(Path file) throws IOException {
        StorageFile inner = disk.openForAppend(file);
        return new StorageFile() {
            private boolean torn;

            @Override
            public int write(ByteBuffer bytes) throws IOException {
                if (torn) {
                    return inner.write(bytes);
                }
                torn = true;
                inner.write(bytes.slice(bytes.position(), 3));
                bytes.position(bytes.position() + 3);
                throw new IOException("No space left on device");
            }

            @Override
            public void sync() throws IOException {
                inner.sync();
            }

            @Override
            public boolean isOpen() {
                return inner.isOpen();
            }

            @Override
            public void close() throws IOException {
                inner.close();
            }
        };
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        disk.createDirectory(directory);
    }

    @Override
    public void delete(Path path) throws IOException {
        disk.delete(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        disk.syncDirectory(directory);
    }
}
