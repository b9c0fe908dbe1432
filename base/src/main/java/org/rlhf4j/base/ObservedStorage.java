package org.rlhf4j.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.rlhf4j.base.StorageObserver.Step;

/** A storage whose every step is announced to an observer. */
record ObservedStorage(Storage inner, StorageObserver observer) implements Storage {
    @Override
    public StorageFile create(Path file) throws IOException {
        observer.before(Step.CREATE, file);
        return new ObservedFile(inner.create(file), file, observer);
    }

    @Override
    public StorageFile openForAppend(Path file) throws IOException {
        observer.before(Step.OPEN_FOR_APPEND, file);
        return new ObservedFile(inner.openForAppend(file), file, observer);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        observer.before(Step.RENAME, to);
        inner.rename(from, to);
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        observer.before(Step.CREATE_DIRECTORY, directory);
        inner.createDirectory(directory);
    }

    @Override
    public void delete(Path path) throws IOException {
        observer.before(Step.DELETE, path);
        inner.delete(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        observer.before(Step.SYNC_DIRECTORY, directory);
        inner.syncDirectory(directory);
    }

    private static final class ObservedFile extends StorageFile {
        private final StorageFile inner;
        private final Path path;
        private final StorageObserver observer;

        ObservedFile(StorageFile inner, Path path, StorageObserver observer) {
            this.inner = inner;
            this.path = path;
            this.observer = observer;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            observer.before(Step.WRITE, path);
            return inner.write(bytes);
        }

        @Override
        public void sync() throws IOException {
            observer.before(Step.SYNC, path);
            inner.sync();
        }

        @Override
        public boolean isOpen() {
            return inner.isOpen();
        }

        @Override
        public void close() throws IOException {
            try {
                observer.before(Step.CLOSE, path);
            } finally {
                inner.close();
            }
        }
    }
}
