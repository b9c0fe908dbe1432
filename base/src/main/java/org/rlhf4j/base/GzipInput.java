package org.rlhf4j.base;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads gzip (RFC 1952) to its last byte: a cut-off or damaged file is an error, and so is anything but further members
 * or zero padding after the end, where the JDK's reader stops without a word. What expands beyond the limits is refused.
 */
final class GzipInput extends InputStream {
    private static final int METHOD_DEFLATE = 8;
    private static final int FLAG_HEADER_CRC = 2;
    private static final int FLAG_EXTRA = 4;
    private static final int FLAG_NAME = 8;
    private static final int FLAG_COMMENT = 16;
    private static final int RESERVED_FLAGS = 0xE0;

    private final InputStream in;
    private final ExpansionLimit limit;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final CRC32 headerCrc = new CRC32();
    private final byte[] buffer = new byte[1 << 16];
    private int position;
    private int end;
    private boolean inMember;
    private boolean ended;

    /**
     * Starts before the first header.
     *
     * @param in the compressed bytes
     * @param limits how much may come out
     */
    GzipInput(InputStream in, JsonLines.Limits limits) {
        this.in = in;
        this.limit = new ExpansionLimit("gzip data", limits);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            if (!inMember) {
                openMember();
                continue;
            }
            int count = inflate(target, offset, length);
            if (count > 0) {
                crc.update(target, offset, count);
                limit.out(count);
                return count;
            }
            if (inflater.finished()) {
                closeMember();
            }
        }
        return -1;
    }

    @Override
    public void close() throws IOException {
        ended = true;
        inflater.end();
        in.close();
    }

    private int inflate(byte[] target, int offset, int length) throws IOException {
        if (inflater.needsInput()) {
            if (position == end && !fill()) {
                throw cutOff();
            }
            inflater.setInput(buffer, position, end - position);
        }
        try {
            int count = inflater.inflate(target, offset, length);
            position = end - inflater.getRemaining();
            if (count == 0 && inflater.needsDictionary()) {
                throw new IOException("the gzip data is damaged: it asks for a dictionary");
            }
            return count;
        } catch (DataFormatException e) {
            throw new IOException("the gzip data is damaged: " + e.getMessage(), e);
        }
    }

    /** Reads the header of the next member, or ends where there is none. */
    private void openMember() throws IOException {
        boolean first = limit.bytesIn() == 0;
        if (position == end && !fill()) {
            if (first) {
                throw cutOff();
            }
            ended = true;
            return;
        }
        if (!first && buffer[position] == 0) {
            requireZerosToTheEnd();
            return;
        }
        headerCrc.reset();
        if (headerByte() != 0x1F || headerByte() != 0x8B) {
            throw new IOException("there is something else after the gzip data");
        }
        int method = headerByte();
        int flags = headerByte();
        if (method != METHOD_DEFLATE || (flags & RESERVED_FLAGS) != 0) {
            throw new IOException("the gzip data is damaged: its header is of no known kind");
        }
        skip(6);
        if ((flags & FLAG_EXTRA) != 0) {
            skip(headerByte() | headerByte() << 8);
        }
        if ((flags & FLAG_NAME) != 0) {
            skipPastZero();
        }
        if ((flags & FLAG_COMMENT) != 0) {
            skipPastZero();
        }
        if ((flags & FLAG_HEADER_CRC) != 0) {
            int expected = (int) headerCrc.getValue() & 0xFFFF;
            if ((headerByte() | headerByte() << 8) != expected) {
                throw new IOException("the gzip data is damaged: its header has the wrong checksum");
            }
        }
        crc.reset();
        inflater.reset();
        inMember = true;
    }

    private void closeMember() throws IOException {
        if (littleEndian() != crc.getValue()) {
            throw new IOException("the gzip data is damaged: it has the wrong checksum");
        }
        if (littleEndian() != (inflater.getBytesWritten() & 0xFFFFFFFFL)) {
            throw new IOException("the gzip data is damaged: it has the wrong length");
        }
        inMember = false;
    }

    private void requireZerosToTheEnd() throws IOException {
        while (position < end || fill()) {
            if (buffer[position++] != 0) {
                throw new IOException("there is something else after the gzip data");
            }
        }
        ended = true;
    }

    private long littleEndian() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 32; shift += 8) {
            value |= (long) headerByte() << shift;
        }
        return value;
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            headerByte();
        }
    }

    private void skipPastZero() throws IOException {
        int b = headerByte();
        while (b != 0) {
            b = headerByte();
        }
    }

    private int headerByte() throws IOException {
        if (position == end && !fill()) {
            throw cutOff();
        }
        int b = buffer[position++] & 0xFF;
        headerCrc.update(b);
        return b;
    }

    private boolean fill() throws IOException {
        position = 0;
        end = Math.max(0, in.read(buffer));
        limit.in(end);
        return end > 0;
    }

    private static IOException cutOff() {
        return new IOException("the gzip data is cut off");
    }
}
