package org.rlhf4j.base;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** A buffered stream of bytes that knows line and column, and can be looked at before it is read. */
public final class ByteSource implements Closeable {
    /** The most bytes that can be looked at before they are read. */
    public static final int SIZE = 1 << 16;

    private static final long LINE_ENDS = EightBytes.all('\n');
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final InputStream in;
    private final byte[] buffer = new byte[SIZE];
    private int position;
    private int limit;
    private long line = 1;
    private int column = 1;

    ByteSource(InputStream in) {
        this.in = in;
    }

    /** The line of the next byte, counted from 1; only {@code \n} ends a line. */
    public long line() {
        return line;
    }

    /** The column of the next byte, counted from 1 in characters. */
    int column() {
        return column;
    }

    /** The first bytes, at most so many, without reading past them; only before anything is read. */
    public byte[] peek(int count) throws IOException {
        while (limit - position < count && limit < SIZE) {
            int n = in.read(buffer, limit, SIZE - limit);
            if (n < 0) {
                break;
            }
            limit += n;
        }
        return Arrays.copyOfRange(buffer, position, Math.min(position + count, limit));
    }

    /** Skips a byte order mark, which is no character of the text; only before anything is read. */
    public void skipByteOrderMark() throws IOException {
        byte[] start = peek(BYTE_ORDER_MARK.length);
        if (Arrays.equals(start, BYTE_ORDER_MARK)) {
            position += BYTE_ORDER_MARK.length;
        }
    }

    /** The next byte, or -1 at the end. */
    public int read() throws IOException {
        if (position == limit && !fill()) {
            return -1;
        }
        int b = buffer[position++] & 0xFF;
        if (b == '\n') {
            line++;
            column = 1;
        } else if ((b & 0xC0) != 0x80) {
            column++;
        }
        return b;
    }

    /** Puts the byte that was read last back; it must not have been a line end. */
    void unread() {
        position--;
        column--;
    }

    /**
     * Reads to the end of the line, the line end included.
     *
     * @param row receives the bytes without the line end
     * @return whether there was a line
     */
    boolean readLine(RowBuffer row) throws IOException {
        if (position == limit && !fill()) {
            return false;
        }
        while (true) {
            int end = lineEnd();
            row.append(buffer, position, end - position);
            position = end;
            if (end < limit) {
                position++;
                break;
            }
            if (!fill()) {
                break;
            }
        }
        line++;
        column = 1;
        return true;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** A stream over the same bytes, from the next one on. */
    public InputStream rest() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                return ByteSource.this.read();
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                if (length == 0) {
                    return 0;
                }
                if (position == limit && !fill()) {
                    return -1;
                }
                int count = Math.min(length, limit - position);
                System.arraycopy(buffer, position, target, offset, count);
                position += count;
                return count;
            }

            @Override
            public void close() throws IOException {
                in.close();
            }
        };
    }

    /** The next line end in the buffer; behind its last byte where there is none. */
    private int lineEnd() {
        int end = position;
        while (end + Long.BYTES <= limit && EightBytes.equal(EightBytes.at(buffer, end), LINE_ENDS) == 0) {
            end += Long.BYTES;
        }
        while (end < limit && buffer[end] != '\n') {
            end++;
        }
        return end;
    }

    private boolean fill() throws IOException {
        position = 0;
        limit = Math.max(0, in.read(buffer, 0, SIZE));
        return limit > 0;
    }
}
