package org.rlhf4j.lm.template;

/** What one rendering may use up. Every loop, every text and every list that a template makes is paid from it. */
final class Budget {
    /** Longest source in characters. */
    static final int SOURCE = 256 * 1024;
    /** Longest output in characters. */
    static final int OUTPUT = 8 * 1024 * 1024;
    /** Most expressions, statements and elements that are looked at. */
    static final int STEPS = 1_000_000;
    /** Deepest nesting of expressions and statements while they run. */
    static final int DEPTH = 800;
    /** Deepest nesting of macros and recursive loops. */
    static final int CALLS = 64;
    /** Deepest nesting of lists and dictionaries that is printed or compared. */
    static final int NESTING = 100;
    /** Most elements of a range. */
    static final int RANGE = 100_000;
    /** Most characters of texts and places of lists that are made in all, kept or not: what bounds the memory. */
    static final long MADE = 64L * 1024 * 1024;
    /** Most characters that are searched or compared in all. */
    static final long READ = 1L << 28;

    private int steps;
    private int depth;
    private int calls;
    private long made;
    private long read;

    void step() {
        if (++steps > STEPS) {
            throw new TemplateException("takes more than " + STEPS + " steps");
        }
    }

    void enter() {
        step();
        if (++depth > DEPTH) {
            throw new TemplateException("is nested deeper than " + DEPTH + " levels while it runs");
        }
    }

    void leave() {
        depth--;
    }

    void enterCall() {
        if (++calls > CALLS) {
            throw new TemplateException("calls macros or recursive loops more than " + CALLS + " deep");
        }
    }

    void leaveCall() {
        calls--;
    }

    /** Pays for a text or a list, before it is made where its size may be large. */
    void make(long size) {
        made += size;
        if (made < 0 || made > MADE) {
            throw new TemplateException("makes more than " + MADE + " characters and list elements in all");
        }
    }

    /** Pays for a text that was made. */
    String made(String text) {
        make(text.length());
        return text;
    }

    void read(long size) {
        read += size;
        if (read > READ) {
            throw new TemplateException("searches more than " + READ + " characters in all");
        }
    }

    static void requireNesting(int depth) {
        if (depth > NESTING) {
            throw new TemplateException("nests values deeper than " + NESTING + " levels");
        }
    }
}
