package org.rlhf4j.preference.read;

import java.io.InputStream;
import java.nio.file.Path;
import org.rlhf4j.preference.container.Containers;
import org.rlhf4j.preference.container.RowInput;

/** Where rows come from: a file, which can be read again and again, or a stream, which can be read once. */
public sealed interface DataSource {
    /**
     * A file.
     *
     * @param path JSON Lines or one JSON array, plain or gzip
     */
    record File(Path path) implements DataSource {
        @Override
        public String name() {
            return path.toString();
        }

        @Override
        public RowInput open() {
            return Containers.open(path);
        }
    }

    /**
     * A stream, such as the standard input.
     *
     * @param stream the bytes of a file
     * @param name what messages call it
     */
    record Stream(InputStream stream, String name) implements DataSource {
        @Override
        public RowInput open() {
            return Containers.read(stream, name);
        }
    }

    /** What messages call it. */
    String name();

    /**
     * Its rows from the start.
     *
     * @return the rows, to be closed
     * @throws org.rlhf4j.base.DataFormatException if it cannot be read
     */
    RowInput open();
}
