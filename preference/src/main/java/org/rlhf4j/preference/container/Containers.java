package org.rlhf4j.preference.container;

import java.io.InputStream;
import java.nio.file.Path;
import org.rlhf4j.base.JsonLines;

/** Opens files of any container, told by their bytes. */
public final class Containers {
    private Containers() {}

    /**
     * Opens a file.
     *
     * @param file the file
     * @return its rows, to be closed
     * @throws org.rlhf4j.base.DataFormatException if it cannot be read or is of no known container
     */
    public static RowInput open(Path file) {
        return new JsonInput(JsonLines.open(file));
    }

    /**
     * Reads a stream.
     *
     * @param stream the bytes of a file; closed with the rows, or at once if this fails
     * @param name what messages call it
     * @return its rows, to be closed
     * @throws org.rlhf4j.base.DataFormatException if it cannot be read or is of no known container
     */
    public static RowInput read(InputStream stream, String name) {
        return new JsonInput(JsonLines.read(stream, name));
    }
}
