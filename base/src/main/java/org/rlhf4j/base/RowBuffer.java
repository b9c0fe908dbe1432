package org.rlhf4j.base;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The bytes of one row; beyond its limit it only counts. */
public final class RowBuffer {
    private static final int SMALLEST = 1 << 10;
    private static final int KEPT = 1 << 20;

    private final int maxBytes;
    private byte[] bytes = new byte[0];
    private int length;
    private boolean overflowed;

    /**
     * An empty row.
     *
     * @param maxBytes how long it may become
     */
    public RowBuffer(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Starts the next row; an unusually large array is given up. */
    public void clear() {
        if (bytes.length > KEPT) {
            bytes = new byte[0];
        }
        length = 0;
        overflowed = false;
    }

    void append(byte[] source, int offset, int count) {
        if (overflowed || count > maxBytes - length) {
            overflowed = true;
            bytes = new byte[0];
            length = 0;
            return;
        }
        if (length + count > bytes.length) {
            long roomy = Math.max(2L * bytes.length, Math.max(SMALLEST, length + (long) count));
            bytes = Arrays.copyOf(bytes, (int) Math.min(maxBytes, roomy));
        }
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
    }

    /** Adds a byte. */
    public void append(int b) {
        if (length < bytes.length) {
            bytes[length++] = (byte) b;
        } else if (!overflowed) {
            append(new byte[] {(byte) b}, 0, 1);
        }
    }

    /** Whether there is nothing but JSON white space. */
    boolean isBlank() {
        for (int i = 0; i < length; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r' && bytes[i] != '\n') {
                return false;
            }
        }
        return !overflowed;
    }

    /** A copy of the row without one trailing {@code \r}; null if it is longer than the limit. */
    public byte @Nullable [] row() {
        if (overflowed) {
            return null;
        }
        int end = length > 0 && bytes[length - 1] == '\r' ? length - 1 : length;
        return Arrays.copyOf(bytes, end);
    }
}
