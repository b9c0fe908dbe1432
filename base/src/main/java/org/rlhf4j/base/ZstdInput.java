package org.rlhf4j.base;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Reads zstd (RFC 8878) to its last byte, frame after frame: a cut-off or damaged file is an error, and so is anything
 * but further frames after the end. What expands beyond the limits is refused, and a window of more than 128 MiB, which
 * is what zstd itself decodes without being told to.
 */
final class ZstdInput extends InputStream {
    private static final int MAX_WINDOW_LOG = 27;

    private final ZstdInputStreamNoFinalizer frames;
    private final ExpansionLimit limit;

    /**
     * Starts before the first frame.
     *
     * @param in the compressed bytes
     * @param limits how much may come out
     */
    ZstdInput(InputStream in, JsonLines.Limits limits) throws IOException {
        this.limit = new ExpansionLimit("zstd data", limits);
        this.frames = new ZstdInputStreamNoFinalizer(new Counted(in));
        // Not continuous: the end of the bytes within a frame is an error, not the end of the data.
        frames.setContinuous(false);
        frames.setLongMax(MAX_WINDOW_LOG);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int count;
        try {
            count = frames.read(target, offset, length);
        } catch (com.github.luben.zstd.ZstdIOException e) {
            throw damaged(e);
        }
        if (count > 0) {
            limit.out(count);
        }
        return count;
    }

    @Override
    public void close() throws IOException {
        frames.close();
    }

    private static IOException damaged(com.github.luben.zstd.ZstdIOException e) {
        String message = String.valueOf(e.getMessage());
        boolean cutOff = message.contains("Truncated");
        return new IOException(cutOff ? "the zstd data is cut off" : "the zstd data is damaged: " + message, e);
    }

    private final class Counted extends FilterInputStream {
        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            throw new UnsupportedOperationException("bytes are read in blocks");
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = super.read(target, offset, length);
            limit.in(Math.max(0, count));
            return count;
        }
    }
}
