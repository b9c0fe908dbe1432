package org.rlhf4j.lm.template;

/** A template that cannot be read, that failed, that passed a bound, or that refused its input by itself. */
public final class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String reason;
    private final int line;
    private final boolean raised;

    private TemplateException(String reason, int line, boolean raised) {
        super(line == 0 ? reason : "line " + line + ": " + reason);
        this.reason = reason;
        this.line = line;
        this.raised = raised;
    }

    TemplateException(String reason) {
        this(reason, 0, false);
    }

    TemplateException(String reason, int line) {
        this(reason, line, false);
    }

    /** What a template says of its input by {@code raise_exception}. */
    static TemplateException raised(String message) {
        return new TemplateException(message, 0, true);
    }

    /** The same at a line, unless it has one. */
    TemplateException at(int otherLine) {
        if (line != 0) {
            return this;
        }
        TemplateException located = new TemplateException(reason, otherLine, raised);
        located.setStackTrace(getStackTrace());
        return located;
    }

    /** What is wrong, without the line; the template's own words where it raised the error. */
    public String reason() {
        return reason;
    }

    /** The line of the template, counted from 1. */
    public int line() {
        return line;
    }

    /** Whether the template itself raised it, by {@code raise_exception}: its input does not suit it. */
    public boolean isRaised() {
        return raised;
    }
}
