package org.rlhf4j.lm.text;

/** Text that is encoded apart, and whether it counts. */
record Part(EncodedText text, boolean counts) {
    int length() {
        return text.ids().length;
    }
}
