package org.rlhf4j.preference.check;

import java.util.List;
import org.rlhf4j.preference.Rule;

/**
 * What a check found under one rule.
 *
 * @param rule the rule that was broken
 * @param severity how bad that is: as the rule says, or as somebody decided
 * @param count how often
 * @param examples the first few, in reading order; at least one
 */
public record Finding(Rule rule, Rule.Severity severity, long count, List<Example> examples) {
    /** Copies the list. */
    public Finding {
        examples = List.copyOf(examples);
    }

    /** The same with another severity. */
    Finding as(Rule.Severity other) {
        return new Finding(rule, other, count, examples);
    }

    /**
     * One place.
     *
     * @param file the file as the user named it
     * @param line the line, counted from 1; 0 when the file as a whole is meant
     * @param detail what exactly is wrong
     * @param excerpt the start of the row; empty where it would say nothing
     */
    public record Example(String file, long line, String detail, String excerpt) {
        /** The place as messages put it: {@code file:line}. */
        public String place() {
            return line == 0 ? file : file + ":" + line;
        }
    }
}
