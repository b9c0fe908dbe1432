package org.rlhf4j.base;

import java.io.IOException;

/** Writes the content of one file. */
@FunctionalInterface
public interface StorageWriter {
    /** Writes all bytes; needs not close the file. */
    void writeTo(StorageFile out) throws IOException;
}
