package org.rlhf4j.preference.digest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Brings equal records together however many there are: sorts records of a few numbers, compared one number after the other
 * as unsigned, in a fixed amount of memory, by sorted runs of {@value #RUN_RECORDS} records in a temporary file that are
 * merged at the end.
 *
 * <p>Memory: 8 bytes a number of one run and 8 a record while it is sorted (2 MiB for records of three), and 8 KiB a run
 * while merging: with a thousand million records 120 MiB. Disk: 8 bytes a number beyond the first run, in the system's
 * directory for temporary files; the file has no use after a crash and is deleted on close.
 */
public final class RecordSort implements AutoCloseable {
    static final int RUN_RECORDS = 1 << 16;

    /** The bits of a record's first number that stand beside the index of a record in one number. */
    private static final long TOP = -RUN_RECORDS;

    private static final int BUFFER_BYTES = 8 << 10;

    private final int longs;
    private final long[] run;
    private final List<Long> runEnds = new ArrayList<>();
    private int size;
    private @Nullable FileChannel spill;

    /** Sorts records of so many numbers. */
    public RecordSort(int longs) {
        this.longs = longs;
        this.run = new long[RUN_RECORDS * longs];
    }

    /** Receives the records in order. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One record.
         *
         * @param values its numbers; valid until the next record
         */
        void visit(long[] values);
    }

    /**
     * Adds a record.
     *
     * @param values as many numbers as a record has; the same ones twice are two records
     */
    public void add(long... values) {
        if (size == RUN_RECORDS) {
            writeRun();
        }
        System.arraycopy(values, 0, run, size * longs, longs);
        size++;
    }

    /** How many records were added. */
    public long size() {
        return (long) runEnds.size() * RUN_RECORDS + size;
    }

    /** Passes all records in order; nothing can be added afterwards. */
    public void forEach(Visitor visitor) {
        PriorityQueue<Cursor> cursors = new PriorityQueue<>();
        try {
            long start = 0;
            for (long end : runEnds) {
                offer(cursors, new FileCursor(channel(), start, end));
                start = end;
            }
            offer(cursors, new MemoryCursor(sorted()));
            while (true) {
                Cursor cursor = cursors.poll();
                if (cursor == null) {
                    return;
                }
                visitor.visit(cursor.values);
                offer(cursors, cursor);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the temporary file that finds repeated rows", e);
        }
    }

    private static void offer(PriorityQueue<Cursor> cursors, Cursor cursor) throws IOException {
        if (cursor.advance()) {
            cursors.add(cursor);
        }
    }

    private void writeRun() {
        ByteBuffer bytes = ByteBuffer.allocate(bufferBytes());
        try {
            FileChannel channel = channel();
            for (long key : sorted()) {
                for (int i = 0; i < longs; i++) {
                    bytes.putLong(run[index(key) * longs + i]);
                }
                if (!bytes.hasRemaining()) {
                    write(channel, bytes);
                }
            }
            write(channel, bytes);
            runEnds.add(channel.position());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the temporary file that finds repeated rows", e);
        }
        size = 0;
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        bytes.flip();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        bytes.clear();
    }

    /** Whole records. */
    private int bufferBytes() {
        return BUFFER_BYTES / (longs * Long.BYTES) * (longs * Long.BYTES);
    }

    private FileChannel channel() throws IOException {
        FileChannel channel = spill;
        if (channel == null) {
            Path file = Files.createTempFile("rlhf4j-", ".digests");
            channel = FileChannel.open(
                    file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
            spill = channel;
        }
        return channel;
    }

    /** The records of the run in order: each as the top of its first number and, in the low 16 bits, its index. */
    private long[] sorted() {
        long[] keys = new long[size];
        for (int i = 0; i < size; i++) {
            keys[i] = ((run[i * longs] ^ Long.MIN_VALUE) & TOP) | i;
        }
        Arrays.sort(keys);
        int start = 0;
        while (start < size) {
            // Of one top are mostly records that were added in order, such as those of one digest.
            int end = start + 1;
            boolean ordered = true;
            while (end < size && (keys[end] & TOP) == (keys[start] & TOP)) {
                ordered &= compare(index(keys[end - 1]), index(keys[end])) <= 0;
                end++;
            }
            if (!ordered) {
                Long[] group = Arrays.stream(keys, start, end).boxed().toArray(Long[]::new);
                Arrays.sort(group, (a, b) -> compare(index(a), index(b)));
                for (Long key : group) {
                    keys[start++] = key;
                }
            }
            start = end;
        }
        return keys;
    }

    private static int index(long key) {
        return (int) (key & ~TOP);
    }

    private int compare(int a, int b) {
        for (int i = 0; i < longs; i++) {
            int order = Long.compareUnsigned(run[a * longs + i], run[b * longs + i]);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    @Override
    public void close() {
        try {
            if (spill != null) {
                spill.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove the temporary file that finds repeated rows", e);
        }
    }

    /** A place in one sorted run. */
    private abstract class Cursor implements Comparable<Cursor> {
        final long[] values = new long[longs];

        /** Moves to the next record; false after the last one. */
        abstract boolean advance() throws IOException;

        @Override
        public int compareTo(Cursor other) {
            return Arrays.compareUnsigned(values, other.values);
        }
    }

    private final class MemoryCursor extends Cursor {
        private final long[] keys;
        private int next;

        MemoryCursor(long[] keys) {
            this.keys = keys;
        }

        @Override
        boolean advance() {
            if (next == keys.length) {
                return false;
            }
            System.arraycopy(run, index(keys[next++]) * longs, values, 0, longs);
            return true;
        }
    }

    private final class FileCursor extends Cursor {
        private final FileChannel channel;
        private final ByteBuffer bytes = ByteBuffer.allocate(bufferBytes());
        private final long end;
        private long position;

        FileCursor(FileChannel channel, long start, long end) {
            this.channel = channel;
            this.position = start;
            this.end = end;
            bytes.limit(0);
        }

        @Override
        boolean advance() throws IOException {
            if (!bytes.hasRemaining() && !fill()) {
                return false;
            }
            for (int i = 0; i < longs; i++) {
                values[i] = bytes.getLong();
            }
            return true;
        }

        private boolean fill() throws IOException {
            if (position == end) {
                return false;
            }
            bytes.clear().limit((int) Math.min(bytes.capacity(), end - position));
            while (bytes.hasRemaining()) {
                int read = channel.read(bytes, position);
                if (read < 0) {
                    throw new IOException("it ends early");
                }
                position += read;
            }
            bytes.flip();
            return true;
        }
    }
}
