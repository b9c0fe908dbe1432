package org.rlhf4j.lm.template;

import java.util.List;

/**
 * What a template wrote.
 *
 * @param text the text
 * @param generations what its {@code {% generation %}} blocks wrote, in order; empty for a template without them
 */
public record Rendering(String text, List<Span> generations) {
    /** Copies the list. */
    public Rendering {
        generations = List.copyOf(generations);
    }

    /**
     * A stretch of the text.
     *
     * @param start index of its first {@code char}
     * @param end index after its last one
     */
    public record Span(int start, int end) {}
}
