package org.rlhf4j.base;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** A text field of a data row: a plain string, or the messages of a conversation. */
public sealed interface Content permits Content.Text, Content.Chat {
    /**
     * Plain text.
     *
     * @param text the string as it stands in the row; may be empty
     */
    record Text(String text) implements Content {
        /** Refuses null. */
        public Text {
            Objects.requireNonNull(text, "text");
        }

        @Override
        public boolean isBlank() {
            return text.isBlank();
        }

        @Override
        public JsonNode toJson() {
            return TextNode.valueOf(text);
        }
    }

    /**
     * A conversation.
     *
     * @param messages the turns in order; may be empty
     */
    record Chat(List<Message> messages) implements Content {
        /** Copies the list. */
        public Chat {
            messages = List.copyOf(messages);
        }

        @Override
        public boolean isBlank() {
            return messages.stream().allMatch(message -> message.content().isBlank());
        }

        @Override
        public JsonNode toJson() {
            ArrayNode array = JsonNodeFactory.instance.arrayNode(messages.size());
            for (Message message : messages) {
                array.addObject().put("role", message.role()).put("content", message.content());
            }
            return array;
        }
    }

    /** Whether there is nothing but white space: in the text, or in every message. */
    boolean isBlank();

    /** The value as it stands in a data row: a string, or an array of {@code {"role","content"}}. */
    JsonNode toJson();

    /**
     * Plain text.
     *
     * @param text the string; may be empty
     * @return the content
     */
    static Content of(String text) {
        return new Text(text);
    }

    /**
     * A conversation.
     *
     * @param messages the turns in order
     * @return the content
     */
    static Content of(List<Message> messages) {
        return new Chat(messages);
    }

    /**
     * Reads the value of a row's text field.
     *
     * @param value a JSON string, or an array of {@code {"role","content"}} objects without further fields
     * @param field the field's name, for messages
     * @return the content
     * @throws DataFormatException without a place, if the value is neither
     */
    static Content fromJson(JsonNode value, String field) {
        if (value.isTextual()) {
            return new Text(value.textValue());
        }
        if (!value.isArray()) {
            throw new DataFormatException(
                    "field \"" + field + "\" must be a string or a list of messages but is " + Json.describe(value));
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < value.size(); i++) {
            JsonFields fields = JsonFields.nested(value.get(i), field + "[" + i + "]");
            fields.allowOnly(List.of("role", "content"));
            String role = fields.text("role");
            if (role.isBlank()) {
                throw fields.problem("role", "must name who speaks but is blank");
            }
            messages.add(new Message(role, fields.text("content")));
        }
        return new Chat(messages);
    }
}
