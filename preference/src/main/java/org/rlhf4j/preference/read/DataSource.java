package org.rlhf4j.preference.read;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.rlhf4j.preference.container.Containers;
import org.rlhf4j.preference.container.RowInput;

/** Where rows come from: a file, which can be read again and again, or a stream, which can be read once. */
public sealed interface DataSource {
    /**
     * A file.
     *
     * @param path a file of any container
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

    /**
     * Several sources as one, such as the shards of a data set. Each row has the name of the file it stands in; the format
     * is told from the first ones.
     *
     * @param name what messages call all of them
     * @param parts at least one source, one after the other
     */
    record Joined(String name, List<DataSource> parts) implements DataSource {
        /** Copies the list. */
        public Joined {
            parts = List.copyOf(parts);
        }

        @Override
        public RowInput open() {
            return new JoinedInput(name, parts);
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
