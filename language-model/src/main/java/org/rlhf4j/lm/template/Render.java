package org.rlhf4j.lm.template;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/** One run of a template: what it has used up, what it has written, and what was written by {@code generation} blocks. */
final class Render {
    private final Budget budget = new Budget();
    private final Comparisons comparisons = new Comparisons(budget);
    private final StringBuilder out = new StringBuilder();
    private final List<Rendering.Span> generations = new ArrayList<>();
    private final LocalDate date;

    Render(LocalDate date) {
        this.date = date;
    }

    Budget budget() {
        return budget;
    }

    Comparisons comparisons() {
        return comparisons;
    }

    LocalDate date() {
        return date;
    }

    /** The output of the template itself, as against that of a macro or a block that is kept. */
    StringBuilder out() {
        return out;
    }

    /** Records what a {@code generation} block wrote, as transformers does: from where the template's output ended. */
    void generated(String text) {
        generations.add(new Rendering.Span(out.length(), out.length() + text.length()));
    }

    Rendering result() {
        return new Rendering(out.toString(), generations);
    }
}
