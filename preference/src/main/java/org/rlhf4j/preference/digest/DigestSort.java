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
 * Brings equal digests together however many there are: sorts (digest, value) records in a fixed amount of memory, by
 * sorted runs of {@value #RUN_RECORDS} records in a temporary file that are merged at the end.
 *
 * <p>Memory: 24 bytes a record of one run and 8 while it is sorted (2 MiB), and 8 KiB a run while merging: with a thousand million records
 * 120 MiB. Disk: 24 bytes a record beyond the first run, in the system's directory for temporary files; the file has
 * no use after a crash and is deleted on close.
 */
public final class DigestSort implements AutoCloseable {
    static final int RUN_RECORDS = 1 << 16;

    /** The bits of a digest that stand beside the index of a record in one number. */
    private static final long TOP = -RUN_RECORDS;

    private static final int LONGS = 3;
    private static final int RECORD_BYTES = LONGS * Long.BYTES;
    private static final int BUFFER_BYTES = 8 << 10;

    private final long[] run = new long[RUN_RECORDS * LONGS];
    private final List<Long> runEnds = new ArrayList<>();
    private int size;
    private @Nullable FileChannel spill;

    /** Receives the records, those of one digest in a row and in the order of their values. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * One record.
         *
         * @param first whether it is the first one of its digest
         * @param digest the digest
         * @param value what was added with it
         */
        void visit(boolean first, Digest digest, long value);
    }

    /**
     * Adds a record.
     *
     * @param digest what to bring together
     * @param value anything that is not negative; the same digest and value twice are two records
     */
    public void add(Digest digest, long value) {
        if (size == RUN_RECORDS) {
            writeRun();
        }
        int at = size++ * LONGS;
        run[at] = digest.high();
        run[at + 1] = digest.low();
        run[at + 2] = value;
    }

    /** How many records were added. */
    public long size() {
        return (long) runEnds.size() * RUN_RECORDS + size;
    }

    /** Passes all records in the order of digest, then value; nothing can be added afterwards. */
    public void forEach(Visitor visitor) {
        PriorityQueue<Cursor> cursors = new PriorityQueue<>();
        try {
            long start = 0;
            for (long end : runEnds) {
                offer(cursors, new FileCursor(channel(), start, end));
                start = end;
            }
            offer(cursors, new MemoryCursor(sorted()));
            Digest previous = null;
            while (true) {
                Cursor cursor = cursors.poll();
                if (cursor == null) {
                    return;
                }
                Digest digest = new Digest(cursor.high, cursor.low);
                visitor.visit(!digest.equals(previous), digest, cursor.value);
                previous = digest;
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
        ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES / RECORD_BYTES * RECORD_BYTES);
        try {
            FileChannel channel = channel();
            for (long key : sorted()) {
                int at = index(key) * LONGS;
                bytes.putLong(run[at]).putLong(run[at + 1]).putLong(run[at + 2]);
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

    /** The records of the run in order: each as the top of its digest and, in the low 16 bits, its index. */
    private long[] sorted() {
        long[] keys = new long[size];
        for (int i = 0; i < size; i++) {
            keys[i] = ((run[i * LONGS] ^ Long.MIN_VALUE) & TOP) | i;
        }
        Arrays.sort(keys);
        int start = 0;
        while (start < size) {
            // Of one top are mostly records of one digest, which were added in the order of their values.
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
        for (int i = 0; i < LONGS; i++) {
            int order = Long.compareUnsigned(run[a * LONGS + i], run[b * LONGS + i]);
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
    private abstract static class Cursor implements Comparable<Cursor> {
        long high;
        long low;
        long value;

        /** Moves to the next record; false after the last one. */
        abstract boolean advance() throws IOException;

        @Override
        public int compareTo(Cursor other) {
            int order = Long.compareUnsigned(high, other.high);
            order = order != 0 ? order : Long.compareUnsigned(low, other.low);
            return order != 0 ? order : Long.compareUnsigned(value, other.value);
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
            int at = index(keys[next++]) * LONGS;
            high = run[at];
            low = run[at + 1];
            value = run[at + 2];
            return true;
        }
    }

    private static final class FileCursor extends Cursor {
        private final FileChannel channel;
        private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES / RECORD_BYTES * RECORD_BYTES);
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
            high = bytes.getLong();
            low = bytes.getLong();
            value = bytes.getLong();
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
