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
    private IoReason() {}

    /**
     * The reason, to stand after the name of a file.
     *
     * @param action what was tried: "be read", "be written"
     * @param e why it failed
     * @return one line
     */
    static String of(String action, IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file or directory";
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
