package org.rlhf4j.lm.hub;

/** Is told what happens while a model of the hub is resolved. */
public interface HubListener {
    /** Nobody listens. */
    HubListener NONE = new HubListener() {};

    /**
     * Bytes of a file were received.
     *
     * @param file its name in the repository
     * @param done bytes that are there, those of an earlier try included
     * @param size all its bytes
     */
    default void received(String file, long done, long size) {}

    /**
     * Something that a user should know.
     *
     * @param text one line
     */
    default void note(String text) {}
}
