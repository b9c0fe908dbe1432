package org.rlhf4j.lm.template;

/**
 * A token of a template.
 *
 * @param kind what it is
 * @param value text, name or operator as a String, a number as Long or Double
 * @param line where it starts, counted from 1
 */
record Token(Kind kind, Object value, int line) {
    enum Kind {
        DATA,
        BLOCK_BEGIN,
        BLOCK_END,
        VARIABLE_BEGIN,
        VARIABLE_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    String text() {
        return value.toString();
    }

    boolean is(Kind other, String text) {
        return kind == other && value.equals(text);
    }

    /** The token as messages name it. */
    String described() {
        return switch (kind) {
            case DATA -> "template data";
            case BLOCK_BEGIN -> "begin of statement block";
            case BLOCK_END -> "end of statement block";
            case VARIABLE_BEGIN -> "begin of print statement";
            case VARIABLE_END -> "end of print statement";
            case END -> "end of template";
            default -> text();
        };
    }
}
