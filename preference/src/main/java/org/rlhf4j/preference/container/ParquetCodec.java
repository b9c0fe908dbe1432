package org.rlhf4j.preference.container;

import com.github.luben.zstd.Zstd;
import io.airlift.compress.lz4.Lz4Decompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.apache.parquet.format.CompressionCodec;
import org.xerial.snappy.Snappy;

/** Expands the pages of a Parquet file. */
final class ParquetCodec {
    private ParquetCodec() {}

    /** Whether there is a decoder for it. */
    static boolean isKnown(CompressionCodec codec) {
        return switch (codec) {
            case UNCOMPRESSED, SNAPPY, ZSTD, GZIP, LZ4_RAW -> true;
            case LZ4, LZO, BROTLI -> false;
        };
    }

    /**
     * Expands.
     *
     * @param codec how the bytes are compressed
     * @param bytes holds them
     * @param offset where they start
     * @param size how many bytes must come out, which is not believed
     * @return the expanded bytes
     * @throws IOException if the bytes are damaged
     */
    static byte[] expand(CompressionCodec codec, byte[] bytes, int offset, int size) throws IOException {
        int length = bytes.length - offset;
        if (length == 0 || size == 0) {
            requireSize(0, size);
            return new byte[0];
        }
        if (codec == CompressionCodec.UNCOMPRESSED) {
            requireSize(length, size);
            return offset == 0 ? bytes : Arrays.copyOfRange(bytes, offset, bytes.length);
        }
        byte[] out = new byte[size];
        switch (codec) {
            case SNAPPY -> {
                requireSize(Snappy.uncompressedLength(bytes, offset, length), size);
                requireSize(Snappy.uncompress(bytes, offset, length, out, 0), size);
            }
            case ZSTD -> requireSize(Zstd.decompressByteArray(out, 0, size, bytes, offset, length), size);
            case GZIP -> {
                try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes, offset, length))) {
                    requireSize(in.readNBytes(out, 0, size), size);
                    requireSize(size + (in.read() < 0 ? 0L : 1L), size);
                }
            }
            case LZ4_RAW -> requireSize(new Lz4Decompressor().decompress(bytes, offset, length, out, 0, size), size);
            default -> throw new IllegalArgumentException(codec.name());
        }
        return out;
    }

    private static void requireSize(long found, int expected) throws IOException {
        if (found != expected) {
            throw new IOException("a page does not expand to the " + expected + " bytes that it says");
        }
    }
}
