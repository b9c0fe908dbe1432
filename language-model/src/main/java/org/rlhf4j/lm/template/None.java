package org.rlhf4j.lm.template;

/** Python's {@code None}; Java's null is never a value of a template. */
enum None {
    NONE
}
