package org.rlhf4j.lm.generate;

/** Hears of completions while they grow; called on the tensor thread, which waits meanwhile. */
public interface GenerationListener {
    /** Hears nothing. */
    GenerationListener NONE = new GenerationListener() {};

    /**
     * More text of a row. The pieces of a row, joined, are the text of its completion.
     *
     * @param row index of the prompt
     * @param piece the text, never empty; ends with a whole character
     */
    default void text(int row, String piece) {}

    /**
     * A row is done.
     *
     * @param row index of the prompt
     * @param completion the result
     */
    default void finished(int row, GeneratedCompletion completion) {}
}
