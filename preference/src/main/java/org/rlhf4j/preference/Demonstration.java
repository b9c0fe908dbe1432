package org.rlhf4j.preference;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;

/**
 * A text to imitate: a prompt with its completion, a whole conversation, or plain text.
 *
 * @param prompt what was asked; null where the row is a whole conversation ({@code {"messages"}}) or plain text
 *     ({@code {"text"}}) that does not say where the prompt ends
 * @param completion what to imitate: the completion, or everything where the prompt is null
 * @param origin its name and where it comes from
 */
public record Demonstration(@Nullable Content prompt, Content completion, Origin origin) implements Row {
    /**
     * Checks the row.
     *
     * @throws IllegalArgumentException if a text is blank, text and messages are mixed, or a whole conversation has no
     *     turn of the assistant
     */
    public Demonstration {
        RowRules.demonstration(prompt, completion).require();
    }

    @Override
    public Kind kind() {
        return Kind.DEMONSTRATION;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        if (prompt != null) {
            row.set("prompt", prompt.toJson());
            row.set("completion", completion.toJson());
        } else {
            row.set(completion instanceof Content.Chat ? "messages" : "text", completion.toJson());
        }
        origin.putInto(row);
        return row;
    }
}
