package org.rlhf4j.base;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The bytes of a data file, unpacked: plain, gzip or zstd, told by the first bytes and never by the file's name. */
public final class DataFile implements Closeable {
    private static final int MAGIC_LENGTH = 6;

    private final String name;
    private final FileKind packing;
    private final ByteSource source;

    private DataFile(String name, FileKind packing, ByteSource source) {
        this.name = name;
        this.packing = packing;
        this.source = source;
    }

    /** Makes something of the bytes. */
    @FunctionalInterface
    public interface Use<T> {
        /**
         * Reads.
         *
         * @param source the unpacked bytes
         * @return what they are
         * @throws IOException if they cannot be read
         */
        T of(ByteSource source) throws IOException;
    }

    /**
     * Opens a file.
     *
     * @param path the file
     * @return its bytes; close them
     * @throws DataFormatException if there is no such file or it cannot be read
     */
    public static DataFile open(Path path) {
        return open(path, JsonLines.Limits.DEFAULT);
    }

    /**
     * Reads a stream.
     *
     * @param stream the bytes; closed with this, or at once if this fails
     * @param name what messages call it
     * @return its bytes; close them
     * @throws DataFormatException if it cannot be read
     */
    public static DataFile read(InputStream stream, String name) {
        return read(stream, name, JsonLines.Limits.DEFAULT);
    }

    static DataFile open(Path path, JsonLines.Limits limits) {
        InputStream stream;
        try {
            if (Files.isDirectory(path)) {
                throw new DataFormatException(path.toString(), 0, "is a directory, not a file");
            }
            stream = Files.newInputStream(path);
        } catch (IOException e) {
            throw Json.unreadable(path, e);
        }
        return read(stream, path.toString(), limits);
    }

    static DataFile read(InputStream stream, String name, JsonLines.Limits limits) {
        DataFile raw = new DataFile(name, FileKind.TEXT, new ByteSource(stream));
        return raw.use(source -> {
            FileKind packing = FileKind.of(source.peek(MAGIC_LENGTH));
            return switch (packing) {
                case GZIP -> new DataFile(name, packing, new ByteSource(new GzipInput(source.rest(), limits)));
                case ZSTD -> new DataFile(name, packing, new ByteSource(new ZstdInput(source.rest(), limits)));
                default -> raw;
            };
        });
    }

    /** What messages call it. */
    public String name() {
        return name;
    }

    /** How it is packed: {@link FileKind#GZIP}, {@link FileKind#ZSTD} or, if not at all, {@link FileKind#TEXT}. */
    public FileKind packing() {
        return packing;
    }

    /**
     * What the unpacked bytes are; to be asked before any of them is read.
     *
     * @throws IOException if they cannot be read
     */
    public FileKind kind() throws IOException {
        return FileKind.of(source.peek(MAGIC_LENGTH));
    }

    /**
     * Refuses what cannot be text in UTF-8; to be asked before anything is read.
     *
     * @param wanted what is read, for the message
     * @throws DataFormatException without a place, naming what it is instead
     * @throws IOException if it cannot be read
     */
    public void requireText(String wanted) throws IOException {
        FileKind kind = kind();
        if (kind != FileKind.TEXT) {
            boolean twice = kind == FileKind.GZIP || kind == FileKind.ZSTD;
            throw new DataFormatException(
                    "is " + (twice ? "compressed twice" : kind.description()) + ", must be " + wanted);
        }
        byte[] start = source.peek(MAGIC_LENGTH);
        Utf8.refuseUtf16(start, start.length);
    }

    /**
     * Makes something of the bytes, and closes them if that fails.
     *
     * @param use what to make
     * @return what it made
     * @throws DataFormatException naming this file, for that and for what cannot be read
     */
    public <T> T use(Use<T> use) {
        DataFormatException problem;
        try {
            return use.of(source);
        } catch (DataFormatException e) {
            problem = e.at(name, 0);
        } catch (IOException e) {
            problem = new DataFormatException(name, 0, IoReason.of(IoReason.READ, e), e);
        }
        try {
            source.close();
        } catch (IOException e) {
            problem.addSuppressed(e);
        }
        throw problem;
    }

    /**
     * Closes the file.
     *
     * @throws DataFormatException if that fails
     */
    @Override
    public void close() {
        try {
            source.close();
        } catch (IOException e) {
            throw new DataFormatException(name, 0, IoReason.of("be closed", e), e);
        }
    }
}
