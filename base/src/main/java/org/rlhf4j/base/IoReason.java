package org.rlhf4j.base;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Words what an I/O exception says by its class alone, without repeating the path. */
final class IoReason {
    static final String READ = "be read";
    static final String WRITE = "be written";

    private IoReason() {}

    /**
     * The reason, to stand after the name of a file.
     *
     * @param action what was tried: {@link #READ} or {@link #WRITE}
     * @param e why it failed
     * @return one line
     */
    static String of(String action, IOException e) {
        if (e instanceof NoSuchFileException) {
            // Whoever writes creates the file: what is missing then is the directory.
            return action.equals(WRITE) ? "its directory does not exist" : "there is no such file";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileAlreadyExistsException) {
            return "exists already";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return "is a directory that is not empty";
        }
        if (e instanceof NotDirectoryException) {
            return "is not a directory";
        }
        String message = e instanceof FileSystemException system ? system.getReason() : e.getMessage();
        return "cannot " + action + ": " + (message == null ? e.getClass().getSimpleName() : message);
    }
}
