package org.rlhf4j.preference.clean;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.Sha256;
import org.rlhf4j.base.Storage;

/**
 * What a file holds, however it is called elsewhere.
 *
 * @param name its name without the directories, so that a record of it is the same wherever it stands
 * @param bytes its size
 * @param sha256 of its bytes, 64 hexadecimal digits
 */
public record FileContent(String name, long bytes, String sha256) {
    /**
     * What a file holds now.
     *
     * @param file the file
     * @return its content
     * @throws DataFormatException if it cannot be read
     */
    public static FileContent of(Path file) {
        try {
            return new FileContent(String.valueOf(file.getFileName()), Files.size(file), Storage.sha256(file));
        } catch (NoSuchFileException e) {
            throw new DataFormatException(file.toString(), 0, "there is no such file", e);
        } catch (IOException e) {
            throw new DataFormatException(file.toString(), 0, "cannot be read for its checksum: " + e.getMessage(), e);
        }
    }

    /** The record as it stands in a lineage. */
    ObjectNode toJson() {
        return Json.object().put("file", name).put("bytes", bytes).put("sha256", sha256);
    }

    /** Counts and hashes bytes on their way. */
    public static final class Meter {
        private final MessageDigest digest = Sha256.digest();
        private long bytes;

        /** The same bytes, counted as they are read; what nobody reads is not counted. */
        public InputStream reading(InputStream in) {
            return new FilterInputStream(in) {
                @Override
                public int read() throws IOException {
                    int b = super.read();
                    if (b >= 0) {
                        add(new byte[] {(byte) b}, 0, 1);
                    }
                    return b;
                }

                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    int n = super.read(into, offset, length);
                    if (n > 0) {
                        add(into, offset, n);
                    }
                    return n;
                }

                @Override
                public boolean markSupported() {
                    return false;
                }
            };
        }

        /** The same bytes, counted as they are written. */
        public OutputStream writing(OutputStream out) {
            return new FilterOutputStream(out) {
                @Override
                public void write(int b) throws IOException {
                    out.write(b);
                    add(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] from, int offset, int length) throws IOException {
                    out.write(from, offset, length);
                    add(from, offset, length);
                }
            };
        }

        private void add(byte[] from, int offset, int length) {
            digest.update(from, offset, length);
            bytes += length;
        }

        /**
         * What went by. To be asked once, at the end.
         *
         * @param file the file; of its name the directories are left out
         * @return its content
         */
        public FileContent of(Path file) {
            return new FileContent(
                    String.valueOf(file.getFileName()), bytes, HexFormat.of().formatHex(digest.digest()));
        }
    }
}
