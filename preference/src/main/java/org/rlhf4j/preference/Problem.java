package org.rlhf4j.preference;

/**
 * One thing wrong with one row.
 *
 * @param rule the rule it breaks
 * @param detail what exactly, naming the field; one line
 */
public record Problem(Rule rule, String detail) {}
