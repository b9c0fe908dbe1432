package org.rlhf4j.preference.digest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Brings equal digests together however many there are: sorts (digest, value) records in a fixed amount of memory, by
 * sorted runs of {@value #RUN_RECORDS} records in a temporary file that are merged at the end.
 *
 * <p>Memory: 24 bytes a record of one run (1.5 MiB), and 8 KiB a run while merging: with a thousand million records
 * 120 MiB. Disk: 24 bytes a record beyond the first run, in the system's directory for temporary files; the file has
 * no use after a crash and is deleted on close.
 */
public final class DigestSort implements AutoCloseable {
    static final int RUN_RECORDS = 1 << 16;

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

    /** Passes all records in the order of digest, then value; nothing can be added afterwards. */
    public void forEach(Visitor visitor) {
        sortRun();
        PriorityQueue<Cursor> cursors = new PriorityQueue<>();
        try {
            long start = 0;
            for (long end : runEnds) {
                offer(cursors, new FileCursor(channel(), start, end));
                start = end;
            }
            offer(cursors, new MemoryCursor());
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
        sortRun();
        ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES / RECORD_BYTES * RECORD_BYTES);
        try {
            FileChannel channel = channel();
            for (int i = 0; i < size * LONGS; i++) {
                bytes.putLong(run[i]);
                if (!bytes.hasRemaining() || i == size * LONGS - 1) {
                    bytes.flip();
                    while (bytes.hasRemaining()) {
                        channel.write(bytes);
                    }
                    bytes.clear();
                }
            }
            runEnds.add(channel.position());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the temporary file that finds repeated rows", e);
        }
        size = 0;
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

    /** Heap sort: in place, and the same time whatever the data. */
    private void sortRun() {
        for (int root = size / 2 - 1; root >= 0; root--) {
            siftDown(root, size);
        }
        for (int end = size - 1; end > 0; end--) {
            swap(0, end);
            siftDown(0, end);
        }
    }

    private void siftDown(int start, int end) {
        int parent = start;
        for (int child = 2 * parent + 1; child < end; child = 2 * parent + 1) {
            if (child + 1 < end && compare(child, child + 1) < 0) {
                child++;
            }
            if (compare(parent, child) >= 0) {
                return;
            }
            swap(parent, child);
            parent = child;
        }
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

    private void swap(int a, int b) {
        for (int i = 0; i < LONGS; i++) {
            long kept = run[a * LONGS + i];
            run[a * LONGS + i] = run[b * LONGS + i];
            run[b * LONGS + i] = kept;
        }
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
        private int next;

        @Override
        boolean advance() {
            if (next == size) {
                return false;
            }
            high = run[next * LONGS];
            low = run[next * LONGS + 1];
            value = run[next * LONGS + 2];
            next++;
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
