package org.rlhf4j.preference.container;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;
import org.rlhf4j.base.Json;

/** JSON Lines: UTF-8, one object a line, each line ended by \n. */
final class JsonLinesWriter implements RowWriter {
    private static final int BUFFER_BYTES = 1 << 16;

    private final OutputStream out;
    private final OutputStream packed;
    private final OutputStream buffered;
    private long rows;

    /**
     * Writes.
     *
     * @param out where the bytes go; it stays open
     * @param packed packs them on the way; closed at the end, unless nothing is packed
     */
    JsonLinesWriter(OutputStream out, OutputStream packed) {
        this.out = out;
        this.packed = packed;
        this.buffered = new BufferedOutputStream(packed, BUFFER_BYTES);
    }

    static JsonLinesWriter gzip(OutputStream out) throws IOException {
        return new JsonLinesWriter(out, new GZIPOutputStream(new Unclosed(out), BUFFER_BYTES));
    }

    /** With a checksum, as the command-line tool writes it. */
    static JsonLinesWriter zstd(OutputStream out) throws IOException {
        return new JsonLinesWriter(out, new ZstdOutputStreamNoFinalizer(new Unclosed(out)).setChecksum(true));
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Utf8Line(byte[] bytes) implements Line {}

    @Override
    public Line line(ObjectNode row) {
        return new Utf8Line(Json.writeUtf8(row));
    }

    @Override
    public void write(Line line) throws IOException {
        buffered.write(((Utf8Line) line).bytes());
        buffered.write('\n');
        rows++;
    }

    @Override
    public long rows() {
        return rows;
    }

    @Override
    public void finish() throws IOException {
        buffered.flush();
        if (packed != out) {
            packed.close();
        }
        out.flush();
    }

    /** Packing ends with close, which must not close the file. */
    private static final class Unclosed extends FilterOutputStream {
        Unclosed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            flush();
        }
    }
}
