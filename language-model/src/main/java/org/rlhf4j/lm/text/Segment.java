package org.rlhf4j.lm.text;

/**
 * A piece of a rendered conversation.
 *
 * @param text the text
 * @param marker whether the chat format put it there as one of its control tokens; never true for what a user wrote
 */
record Segment(String text, boolean marker) {
    static Segment text(String text) {
        return new Segment(text, false);
    }

    static Segment marker(String text) {
        return new Segment(text, true);
    }
}
