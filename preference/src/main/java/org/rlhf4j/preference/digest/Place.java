package org.rlhf4j.preference.digest;

import org.rlhf4j.base.DataFormatException;

/** A file and line packed into one number that sorts in reading order, with two bits to spare for a mark. */
public final class Place {
    private static final int MARK_BITS = 2;
    private static final int LINE_BITS = 44;
    private static final int MAX_FILES = 1 << 16;

    private Place() {}

    /**
     * Packs a place.
     *
     * @param file the index of the file among those read, below 65,536
     * @param line the line, below 2^44
     * @param mark 0 to 3
     * @return a number that is not negative
     */
    public static long pack(int file, long line, int mark) {
        if (file >= MAX_FILES) {
            throw new DataFormatException("more than " + MAX_FILES + " files at once");
        }
        return ((long) file << (LINE_BITS + MARK_BITS)) | (line << MARK_BITS) | mark;
    }

    public static int file(long packed) {
        return (int) (packed >>> (LINE_BITS + MARK_BITS));
    }

    public static long line(long packed) {
        return (packed >>> MARK_BITS) & ((1L << LINE_BITS) - 1);
    }

    public static int mark(long packed) {
        return (int) (packed & ((1 << MARK_BITS) - 1));
    }
}
