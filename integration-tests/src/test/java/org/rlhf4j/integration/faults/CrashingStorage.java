package org.rlhf4j.integration.faults;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageFile;
import org.rlhf4j.base.StorageObserver.Step;

/**
 * A disk whose machine loses power at a given step: that step is done by half or not at all, every later one fails, and
 * {@link #losePower} then takes away what was never synced.
 */
final class CrashingStorage implements Storage {
    /** What becomes of bytes that were written but not synced. */
    enum Damage {
        EMPTY,
        HALVE,
        ZERO,
        FLIP_A_BIT,
        KEEP
    }

    /** The end of the process, which no code catches. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** A name that the disk may still forget, and what stood under it before: bytes, an empty directory, or nothing. */
    private static final class UnsyncedName {
        private final Path path;
        private final @Nullable Path from;
        private final byte @Nullable [] before;
        private final boolean wasDirectory;

        UnsyncedName(Path path, @Nullable Path from, byte @Nullable [] before, boolean wasDirectory) {
            this.path = path;
            this.from = from;
            this.before = before;
            this.wasDirectory = wasDirectory;
        }

        Path directory() {
            return path.resolveSibling("");
        }

        /** The same name after its directory was renamed. */
        UnsyncedName moved(Path oldDirectory, Path newDirectory) {
            return directory().equals(oldDirectory)
                    ? new UnsyncedName(newDirectory.resolve(path.getFileName()), from, before, wasDirectory)
                    : this;
        }

        void forget() throws IOException {
            if (from == null) {
                Files.deleteIfExists(path);
                return;
            }
            Files.move(path, from);
            if (before != null) {
                Files.write(path, before);
            } else if (wasDirectory) {
                Files.createDirectory(path);
            }
        }
    }

    private final Storage disk = Storage.disk();
    private final int crashAt;
    private int steps;
    private final Map<Path, Boolean> dirtyFiles = new LinkedHashMap<>();
    private Deque<UnsyncedName> names = new ArrayDeque<>();

    CrashingStorage(int crashAt) {
        this.crashAt = crashAt;
    }

    private boolean crashesNow(Step step) {
        steps++;
        if (steps > crashAt) {
            throw new Crash();
        }
        return steps == crashAt && step == Step.WRITE;
    }

    private void step(Step step) {
        crashesNow(step);
        if (steps == crashAt) {
            throw new Crash();
        }
    }

    @Override
    public StorageFile create(Path file) throws IOException {
        step(Step.CREATE);
        StorageFile inner = disk.create(file);
        names.push(new UnsyncedName(file, null, null, false));
        return new CrashingFile(inner, file);
    }

    @Override
    public StorageFile openForAppend(Path file) throws IOException {
        throw new UnsupportedOperationException("appending is not part of a crash test");
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        step(Step.RENAME);
        byte @Nullable [] before = Files.isRegularFile(to) ? Files.readAllBytes(to) : null;
        boolean wasDirectory = Files.isDirectory(to);
        disk.rename(from, to);
        Boolean dirty = dirtyFiles.remove(from);
        if (dirty != null) {
            dirtyFiles.put(to, dirty);
        }
        names = names.stream().map(name -> name.moved(from, to)).collect(Collectors.toCollection(ArrayDeque::new));
        names.push(new UnsyncedName(to, from, before, wasDirectory));
    }

    @Override
    public void createDirectory(Path directory) throws IOException {
        step(Step.CREATE_DIRECTORY);
        disk.createDirectory(directory);
    }

    @Override
    public void delete(Path path) throws IOException {
        step(Step.DELETE);
        disk.delete(path);
        names.removeIf(name -> name.path.equals(path));
        dirtyFiles.remove(path);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        step(Step.SYNC_DIRECTORY);
        names.removeIf(name -> name.directory().equals(directory));
    }

    /** Takes away what was not synced: bytes as told, names too if asked for. */
    void losePower(Damage damage, boolean loseNames) throws IOException {
        for (Path file : dirtyFiles.keySet()) {
            if (!Files.exists(file)) {
                continue;
            }
            byte[] content = Files.readAllBytes(file);
            byte[] left =
                    switch (damage) {
                        case EMPTY -> new byte[0];
                        case HALVE -> java.util.Arrays.copyOf(content, content.length / 2);
                        case ZERO -> new byte[content.length];
                        case FLIP_A_BIT -> flipped(content);
                        case KEEP -> content;
                    };
            Files.write(file, left);
        }
        if (loseNames) {
            for (UnsyncedName name : names) {
                name.forget();
            }
        }
    }

    private static byte[] flipped(byte[] content) {
        byte[] flipped = content.clone();
        if (flipped.length > 0) {
            flipped[flipped.length / 2] ^= 1;
        }
        return flipped;
    }

    private final class CrashingFile extends StorageFile {
        private final StorageFile inner;
        private final Path path;

        CrashingFile(StorageFile inner, Path path) {
            this.inner = inner;
            this.path = path;
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            boolean torn = crashesNow(Step.WRITE);
            dirtyFiles.put(path, true);
            if (torn) {
                bytes.limit(bytes.position() + bytes.remaining() / 2);
                inner.write(bytes);
                throw new Crash();
            }
            return inner.write(bytes);
        }

        @Override
        public void sync() {
            step(Step.SYNC);
            dirtyFiles.remove(path);
        }

        @Override
        public boolean isOpen() {
            return inner.isOpen();
        }

        @Override
        public void close() throws IOException {
            inner.close();
            step(Step.CLOSE);
        }
    }
}
