package org.rlhf4j.preference.container;

import com.fasterxml.jackson.databind.node.TextNode;

/**
 * A cell of a table that knows no types, such as CSV: a text that may also be read as a number, a truth value or, where a
 * list of messages is wanted, as JSON. A string of a JSON file is never read so.
 */
public final class CellNode extends TextNode {
    private static final long serialVersionUID = 1L;

    /** A cell with its text. */
    public CellNode(String text) {
        super(text);
    }
}
