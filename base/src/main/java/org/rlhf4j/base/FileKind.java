package org.rlhf4j.base;

import java.util.HexFormat;

/** What a data file is, by its first bytes. */
enum FileKind {
    /** Compressed by gzip. */
    GZIP("gzip", "1F8B"),
    /** A zip archive; so are office documents and .npz. */
    ZIP("a zip archive", "504B"),
    /** Columns in Apache's format. */
    PARQUET("a Parquet file", "50415231"),
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

    static FileKind of(byte[] start) {
        String hex = HexFormat.of().withUpperCase().formatHex(start);
        for (FileKind kind : values()) {
            if (hex.startsWith(kind.magic)) {
                return kind;
            }
        }
        return TEXT;
    }

    /** Refuses what cannot be JSON. */
    static void requireText(byte[] start) {
        FileKind kind = of(start);
        if (kind != TEXT) {
            throw new DataFormatException("is " + (kind == GZIP ? "compressed twice" : kind.name)
                    + ", must be JSON Lines or a JSON array, plain or gzip");
        }
        Utf8.refuseUtf16(start, start.length);
    }
}
