package org.rlhf4j.base;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/** The file systems of this machine. */
final class DiskStorage implements Storage {
    static final DiskStorage INSTANCE = new DiskStorage();

    /** The JDK copies each write from the Java heap through native memory of the same size: this bounds it. */
    private static final int MAX_WRITE = 1 << 20;

    /** Windows opens no directory as a file; its file systems order such changes themselves. */
    private static final boolean DIRECTORIES_SYNC =
            !System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows");

    private DiskStorage() {}

    @Override
    public StorageFile create(Path file) throws IOException {
        return new DiskFile(FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    @Override
    public StorageFile openForAppend(Path file) throws IOException {
        return new DiskFile(FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        Files.createDirectory(directory);
    }

    @Override
    public void delete(Path path) throws IOException {
        Files.delete(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        if (!DIRECTORIES_SYNC) {
            return;
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static final class DiskFile extends StorageFile {
        private final FileChannel channel;

        DiskFile(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            int length = bytes.remaining();
            int end = bytes.limit();
            try {
                while (bytes.position() < end) {
                    bytes.limit(Math.min(end, bytes.position() + MAX_WRITE));
                    channel.write(bytes);
                }
            } finally {
                bytes.limit(end);
            }
            return length;
        }

        @Override
        public void sync() throws IOException {
            channel.force(true);
        }

        @Override
        public boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
