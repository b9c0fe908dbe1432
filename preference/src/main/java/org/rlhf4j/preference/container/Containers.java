package org.rlhf4j.preference.container;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.rlhf4j.base.ByteSource;
import org.rlhf4j.base.DataFile;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.FileKind;
import org.rlhf4j.base.JsonLines;

/**
 * Opens files of any container: JSON Lines, one JSON array, CSV, TSV or Parquet, the texts plain or packed by gzip or
 * zstd. They are told by their bytes. A file's name decides only between JSON and a table, or between two delimiters,
 * where the first lines leave it open.
 */
public final class Containers {
    private static final String READ = "JSON Lines, JSON, CSV or TSV (plain or packed by gzip or zstd) or Parquet";

    private Containers() {}

    /**
     * Opens a file.
     *
     * @param file the file
     * @return its rows, to be closed
     * @throws DataFormatException if it cannot be read or is of no known container
     */
    public static RowInput open(Path file) {
        DataFile data = DataFile.open(file);
        return data.use(source -> {
            if (isParquet(data)) {
                data.close();
                return ParquetInput.open(file, data.name());
            }
            return text(data, source);
        });
    }

    /**
     * Reads a stream. What must be read from several places at a time, as Parquet, goes through a temporary file.
     *
     * @param stream the bytes of a file; closed with the rows, or at once if this fails
     * @param name what messages call it
     * @return its rows, to be closed
     * @throws DataFormatException if it cannot be read or is of no known container
     */
    public static RowInput read(InputStream stream, String name) {
        DataFile data = DataFile.read(stream, name);
        return data.use(source -> {
            if (isParquet(data)) {
                try (InputStream bytes = source.rest()) {
                    return ParquetInput.spool(bytes, name);
                }
            }
            return text(data, source);
        });
    }

    /** How a container is called, with how it is packed. */
    static String packed(String container, DataFile data) {
        return data.packing() == FileKind.TEXT
                ? container
                : container + ", " + data.packing().description();
    }

    private static boolean isParquet(DataFile data) throws IOException {
        if (data.kind() != FileKind.PARQUET) {
            return false;
        }
        if (data.packing() != FileKind.TEXT) {
            throw new DataFormatException("is a Parquet file " + data.packing().description()
                    + ", which cannot be read in pieces; unpack it first");
        }
        return true;
    }

    private static RowInput text(DataFile data, ByteSource source) throws IOException {
        data.requireText(READ);
        source.skipByteOrderMark();
        Delimiter delimiter = TextKind.of(source, data.name());
        return delimiter == null ? new JsonInput(data, JsonLines.read(data)) : new TableInput(data, source, delimiter);
    }
}
