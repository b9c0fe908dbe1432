package org.rlhf4j.preference;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.rlhf4j.base.Content;

/**
 * A prompt without a completion.
 *
 * @param prompt what is asked
 * @param origin its name and where it comes from
 */
public record PromptRow(Content prompt, Origin origin) implements Row {
    /**
     * Checks the row.
     *
     * @throws IllegalArgumentException if the prompt is blank
     */
    public PromptRow {
        RowRules.prompt(prompt).require();
    }

    @Override
    public Kind kind() {
        return Kind.PROMPT;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.set("prompt", prompt.toJson());
        origin.putInto(row);
        return row;
    }
}
