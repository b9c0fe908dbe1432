package org.rlhf4j.preference.container;

/**
 * A column of a container whose rows are all alike.
 *
 * @param name the name of the field
 * @param type what the field holds, where it is not null
 */
public record Column(String name, Type type) {
    /** What a field holds. */
    public enum Type {
        /** A string. */
        TEXT,
        /** A list of messages: {@code {"role","content"}}. */
        MESSAGES,
        /** A list of strings. */
        TEXTS,
        /** True or false. */
        TRUTH,
        /** A list of them. */
        TRUTHS,
        /** A number, kept as a double. */
        NUMBER
    }
}
