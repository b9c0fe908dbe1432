package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Rule;

/** Conversations that a user had with two models side by side. */
final class Conversations {
    private Conversations() {}

    /**
     * The turns of one conversation: a list of objects with a role and a content, which is a string or a list of parts
     * {@code {"type": "text", "text"}}; as JSON, or as a string that holds it as JSON.
     *
     * @return the conversation; null after a problem
     */
    static Content.@Nullable Chat read(RowFields fields, String name) {
        List<Message> messages = new ArrayList<>();
        boolean complete = fields.has(name);
        for (RowFields turn : fields.packedObjects(name)) {
            String role = turn.text("role");
            String content = content(turn);
            turn.finish();
            if (role != null && role.isBlank()) {
                fields.problems().add(Rule.WRONG_TYPE, "field \"" + turn.path("role") + "\" is blank");
            } else if (role != null && content != null) {
                messages.add(new Message(role, content));
                continue;
            }
            complete = false;
        }
        return complete ? new Content.Chat(messages) : null;
    }

    private static @Nullable String content(RowFields turn) {
        JsonNode value = turn.value("content");
        if (value == null || !value.isArray()) {
            return turn.text("content");
        }
        StringBuilder text = new StringBuilder();
        for (RowFields part : turn.objects("content")) {
            // The parts that are no text have no "text", or a null one.
            if (!"text".equals(part.text("type"))) {
                turn.problems()
                        .add(
                                Rule.WRONG_TYPE,
                                "field \"" + part.path("type") + "\" is not text; only text can be trained on");
                return null;
            }
            String piece = part.text("text");
            if (piece == null) {
                return null;
            }
            text.append(piece);
        }
        return text.toString();
    }

    /**
     * Cuts two conversations behind the turns that they share.
     *
     * @param fields where the problems go
     * @param a the one that stands first in the data; null after a problem
     * @param b the other one; null after a problem
     * @return prompt and completions; without texts after a problem
     */
    static Preferred.Two cut(RowFields fields, Content.@Nullable Chat a, Content.@Nullable Chat b) {
        String modelA = fields.name("model_a");
        String modelB = fields.name("model_b");
        if (a == null || b == null) {
            return new Preferred.Two(null, null, null, modelA, modelB);
        }
        int end = SharedPrompt.end(a, b);
        if (end == 0) {
            fields.problems().add(Rule.NO_SHARED_PROMPT, "the two conversations share no leading message");
            return new Preferred.Two(null, null, null, modelA, modelB);
        }
        return new Preferred.Two(
                Content.of(a.messages().subList(0, end)),
                ImplicitPairFormat.tail(fields, "the conversation of model_a", a, end),
                ImplicitPairFormat.tail(fields, "the conversation of model_b", b, end),
                modelA,
                modelB);
    }
}
