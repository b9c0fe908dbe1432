package org.rlhf4j.base;

import java.util.HexFormat;

/** What a data file is, by its first bytes. */
public enum FileKind {
    /** Compressed by gzip. */
    GZIP("compressed by gzip", "1F8B"),
    /** A zip archive; so are office documents and .npz. */
    ZIP("a zip archive", "504B"),
    /** Columns in Apache's format. */
    PARQUET("a Parquet file", "50415231"),
    /** The same, encrypted. */
    ENCRYPTED_PARQUET("an encrypted Parquet file", "50415245"),
    /** Columns in Apache's other format. */
    ARROW("an Arrow file", "4152524F5731"),
    /** Compressed by zstd. */
    ZSTD("compressed by zstd", "28B52FFD"),
    /** Compressed by bzip2. */
    BZIP2("compressed by bzip2", "425A68"),
    /** Compressed by xz. */
    XZ("compressed by xz", "FD377A585A00"),
    /** Python objects, which run code when they are loaded. */
    PICKLE("a Python pickle", "80"),
    /** Anything else. */
    TEXT("text", "");

    private final String name;
    private final String magic;

    FileKind(String name, String magic) {
        this.name = name;
        this.magic = magic;
    }

    /** What it is, to stand after "is". */
    public String description() {
        return name;
    }

    static FileKind of(byte[] start) {
        String hex = HexFormat.of().withUpperCase().formatHex(start);
        // pzstd and the seekable format open with a frame to be skipped, of one of sixteen kinds.
        if (hex.startsWith("5") && hex.startsWith("2A4D18", 2)) {
            return ZSTD;
        }
        for (FileKind kind : values()) {
            if (hex.startsWith(kind.magic)) {
                return kind;
            }
        }
        return TEXT;
    }
}
