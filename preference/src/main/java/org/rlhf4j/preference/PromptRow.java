package org.rlhf4j.preference;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;

/**
 * A prompt without a completion.
 *
 * @param prompt what is asked
 * @param id a name for the row, or null
 * @param source where the row comes from, or null
 */
public record PromptRow(
        Content prompt, @Nullable String id, @Nullable String source) implements Row {
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
        RowFields.putNames(row, id, source);
        return row;
    }
}
