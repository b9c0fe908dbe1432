package org.rlhf4j.preference;

/**
 * A value and where it stands.
 *
 * @param file the file as the user named it
 * @param line the line of its first character, counted from 1
 * @param value the value
 * @param <T> what it is
 */
public record Located<T>(String file, long line, T value) {
    /** The place as messages put it: {@code file:line}. */
    public String place() {
        return file + ":" + line;
    }
}
