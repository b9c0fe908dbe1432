package org.rlhf4j.preference;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.rlhf4j.base.Content;

/**
 * A completion judged by itself, as KTO (arXiv:2402.01306) learns from: TRL's unpaired preference.
 *
 * @param prompt what was asked
 * @param completion the answer, text or messages like the prompt
 * @param label whether it is desirable
 * @param origin its name and where it comes from
 */
public record UnpairedPreference(Content prompt, Content completion, boolean label, Origin origin) implements Row {
    /**
     * Checks the row.
     *
     * @throws IllegalArgumentException if a text is blank, or text and messages are mixed
     */
    public UnpairedPreference {
        RowRules.demonstration(prompt, completion).require();
    }

    @Override
    public Kind kind() {
        return Kind.UNPAIRED;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.set("prompt", prompt.toJson());
        row.set("completion", completion.toJson());
        row.put("label", label);
        origin.putInto(row);
        return row;
    }
}
