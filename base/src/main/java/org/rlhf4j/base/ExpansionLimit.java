package org.rlhf4j.base;

import java.io.IOException;

/** Counts what goes into a decompressor and what comes out of it, and refuses what expands as no text does. */
public final class ExpansionLimit {
    /** Expansion is not judged before this much came out: the first kilobytes of a good file may repeat themselves. */
    private static final long FREE_EXPANSION = 1 << 20;

    private final String what;
    private final long maxBytes;
    private final int maxExpansion;
    private final long freeBytes;
    private long bytesIn;
    private long bytesOut;

    /**
     * Starts at nothing.
     *
     * @param what the compressed data, for messages
     * @param limits how much may come out
     */
    public ExpansionLimit(String what, JsonLines.Limits limits) {
        this(what, limits.maxExpandedBytes(), limits.maxExpansion(), FREE_EXPANSION);
    }

    /**
     * Starts at nothing, with limits of one's own.
     *
     * @param what the compressed data, for messages
     * @param maxBytes how many bytes may come out
     * @param maxExpansion how many bytes may come out for each that goes in
     * @param freeBytes how many bytes may come out before expansion is judged
     */
    public ExpansionLimit(String what, long maxBytes, int maxExpansion, long freeBytes) {
        this.what = what;
        this.maxBytes = maxBytes;
        this.maxExpansion = maxExpansion;
        this.freeBytes = freeBytes;
    }

    /** Counts compressed bytes. */
    public void in(long bytes) {
        bytesIn += bytes;
    }

    /**
     * Counts expanded bytes.
     *
     * @param bytes how many came out, or are about to
     * @throws IOException if they are too many
     */
    public void out(long bytes) throws IOException {
        bytesOut += bytes;
        if (bytesOut > maxBytes) {
            throw new IOException("the " + what + " expands to more than " + maxBytes + " bytes");
        }
        if (bytesOut > freeBytes + maxExpansion * bytesIn) {
            throw new IOException("the " + what + " expands more than " + maxExpansion
                    + " times, as no text does: decompress it yourself if it is what you want");
        }
    }

    /** How many compressed bytes were counted. */
    public long bytesIn() {
        return bytesIn;
    }
}
