package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.RowRules;
import org.rlhf4j.preference.Rule;

/** TRL's preference row without a prompt field: the prompt is what chosen and rejected share ({@link SharedPrompt}). */
record ImplicitPairFormat() implements RowFormat {
    @Override
    public String name() {
        return "implicit-pairs";
    }

    @Override
    public String layout() {
        return "{\"chosen\", \"rejected\"}, strings or lists of messages that open with the same prompt";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/docs/trl/dataset_formats#preference";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.PAIR;
    }

    /**
     * Whether the prompt stands as a string beside conversations that open with it, as in UltraFeedback: TRL then takes
     * the messages, and so does this format.
     */
    static boolean repeatsPrompt(ObjectNode row) {
        return row.path("prompt").isTextual()
                && row.path("chosen").isArray()
                && row.path("rejected").isArray();
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        if (UltraFeedbackBinarizedFormat.hasScores(row)) {
            return null;
        }
        if (repeatsPrompt(row)) {
            return "chosen and rejected are lists of messages beside a \"prompt\" that is a string";
        }
        if (RowFields.has(row, "prompt")
                || (HhRlhfFormat.isDialogue(row, "chosen") && HhRlhfFormat.isDialogue(row, "rejected"))) {
            return null;
        }
        boolean texts = row.path("chosen").isTextual() && row.path("rejected").isTextual();
        boolean chats = row.path("chosen").isArray() && row.path("rejected").isArray();
        if (!texts && !chats) {
            return null;
        }
        return "chosen and rejected are " + (texts ? "strings" : "lists of messages") + ", without a \"prompt\"";
    }

    @Override
    public boolean isGeneral() {
        return true;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Content chosen = fields.content("chosen");
        Content rejected = fields.content("rejected");
        if (chosen instanceof Content.Text a && rejected instanceof Content.Text b) {
            return texts(fields, a.text(), b.text());
        }
        if (chosen instanceof Content.Chat a && rejected instanceof Content.Chat b) {
            return chats(fields, a, b);
        }
        if (chosen != null && rejected != null) {
            fields.problems().addAll(RowRules.pair(null, chosen, rejected));
        }
        return fields.refused();
    }

    private static ParsedRow texts(RowFields fields, String chosen, String rejected) {
        OptionalInt end = SharedPrompt.end(chosen, rejected);
        if (end.isEmpty()) {
            fields.problems()
                    .add(
                            Rule.NO_SHARED_PROMPT,
                            "chosen and rejected share no opening that ends at a turn marker or white space");
            return fields.refused();
        }
        return cut(fields, chosen, rejected, end.getAsInt());
    }

    private static ParsedRow chats(RowFields fields, Content.Chat chosen, Content.Chat rejected) {
        int end = SharedPrompt.end(chosen, rejected);
        if (end == 0) {
            fields.problems().add(Rule.NO_SHARED_PROMPT, "chosen and rejected share no leading message");
            return fields.refused();
        }
        return PairFormat.row(
                fields,
                Content.of(chosen.messages().subList(0, end)),
                tail(fields, "chosen", chosen, end),
                tail(fields, "rejected", rejected, end));
    }

    /** What comes behind the shared prompt; further turns of the user are warned of. */
    static Content tail(RowFields fields, String name, Content.Chat chat, int start) {
        List<Message> tail = chat.messages().subList(start, chat.messages().size());
        if (tail.stream().anyMatch(message -> message.role().equals("user"))) {
            fields.problems().add(Rule.SEVERAL_TURNS, name + " goes on with another turn of the user after the prompt");
        }
        return Content.of(tail);
    }

    /** Cuts two texts behind their shared prompt. */
    static ParsedRow cut(RowFields fields, String chosen, String rejected, int end) {
        for (String name : List.of("chosen", "rejected")) {
            if ((name.equals("chosen") ? chosen : rejected).indexOf(SharedPrompt.HUMAN, end) >= 0) {
                fields.problems()
                        .add(Rule.SEVERAL_TURNS, name + " goes on with another \"\\n\\nHuman:\" turn after the prompt");
            }
        }
        return PairFormat.row(
                fields,
                Content.of(chosen.substring(0, end)),
                Content.of(chosen.substring(end)),
                Content.of(rejected.substring(end)));
    }
}
