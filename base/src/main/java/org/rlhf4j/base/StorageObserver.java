package org.rlhf4j.base;

import java.io.IOException;
import java.nio.file.Path;

/** Is told of each step of a {@link Storage} before it happens. */
@FunctionalInterface
public interface StorageObserver {
    /** The steps. */
    enum Step {
        /** A file is created. */
        CREATE,
        /** A file is opened at its end. */
        OPEN_FOR_APPEND,
        /** Bytes are written to a file. */
        WRITE,
        /** A file's bytes are made to survive a power loss. */
        SYNC,
        /** A file is closed. */
        CLOSE,
        /** A file or directory gets its final name. */
        RENAME,
        /** A directory is created. */
        CREATE_DIRECTORY,
        /** A file or directory is deleted. */
        DELETE,
        /** A directory's names are made to survive a power loss. */
        SYNC_DIRECTORY
    }

    /**
     * Called before the step.
     *
     * @param step what is about to happen
     * @param path to which file or directory; of a rename, the new name
     * @throws IOException to make the step fail
     */
    void before(Step step, Path path) throws IOException;
}
