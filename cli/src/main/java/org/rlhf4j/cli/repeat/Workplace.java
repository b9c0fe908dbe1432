package org.rlhf4j.cli.repeat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rlhf4j.base.Storage;

/** A directory for a run that is thrown away; closing deletes it. */
record Workplace(Path path) implements AutoCloseable {
    static Workplace create() throws IOException {
        return new Workplace(Files.createTempDirectory("rlhf4j-"));
    }

    /** Where the run is repeated. */
    Path run() {
        return path.resolve("run");
    }

    @Override
    public void close() throws IOException {
        Storage.disk().deleteTree(path);
    }
}
