package org.rlhf4j.base;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** Data files in memory, for tests. */
final class DataFiles {
    private DataFiles() {}

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] gzip(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** One frame with a checksum, as the command-line tool writes it. */
    static byte[] zstd(byte[] content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZstdOutputStream out = new ZstdOutputStream(bytes)) {
            out.setChecksum(true);
            out.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] concatenate(byte[]... parts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            bytes.writeBytes(part);
        }
        return bytes.toByteArray();
    }

    /** A stream that hands out at most so many bytes at a time, as a pipe may. */
    static InputStream dribble(byte[] content, int most) {
        return new ByteArrayInputStream(content) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, most));
            }
        };
    }

    /** All rows, or the exception that ended them. */
    static List<JsonLine> rows(byte[] content) {
        try (JsonLines lines = JsonLines.read(new ByteArrayInputStream(content), "data.jsonl")) {
            List<JsonLine> rows = new ArrayList<>();
            lines.forEachRemaining(rows::add);
            return rows;
        }
    }

    static List<JsonLine> rows(String content) {
        return rows(utf8(content));
    }
}
