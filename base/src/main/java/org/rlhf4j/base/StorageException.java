package org.rlhf4j.base;

import java.io.IOException;
import java.nio.file.Path;

/** Something that could not be written; the message is {@code path: reason}, on one line. */
public final class StorageException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Path path;

    StorageException(Path path, String reason) {
        super(path + ": " + reason);
        this.path = path;
    }

    private StorageException(Path path, IOException cause) {
        super(path + ": " + IoReason.of(IoReason.WRITE, cause), cause);
        this.path = path;
    }

    private StorageException(StorageException cause, String more) {
        super(cause.getMessage() + more, cause);
        this.path = cause.path;
    }

    /** Names the path that the caller asked for, unless the cause names one already. */
    public static StorageException of(Path path, IOException cause) {
        return cause instanceof StorageException named ? named : new StorageException(path, cause);
    }

    /** The same failure, saying what is lost by it. */
    StorageException losing(String what) {
        return new StorageException(this, "; lost of it: " + what);
    }

    /** The file or directory that could not be written. */
    public Path path() {
        return path;
    }
}
