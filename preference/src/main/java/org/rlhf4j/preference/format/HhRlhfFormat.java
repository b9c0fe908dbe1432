package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/**
 * Anthropic's hh-rlhf (arXiv:2204.05862): chosen and rejected are whole dialogues of {@code \n\nHuman:} and
 * {@code \n\nAssistant:} turns; the prompt is everything up to and with the last {@code \n\nAssistant:} that they share.
 */
record HhRlhfFormat() implements RowFormat {
    @Override
    public String name() {
        return "hh-rlhf";
    }

    @Override
    public String layout() {
        return "{\"chosen\", \"rejected\"}, each a whole \"\\n\\nHuman: ... \\n\\nAssistant: ...\" dialogue";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/datasets/Anthropic/hh-rlhf";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.PAIR;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = !RowFields.has(row, "prompt") && isDialogue(row, "chosen") && isDialogue(row, "rejected");
        return fits ? "chosen and rejected are dialogues that open with \"\\n\\nHuman:\", without a \"prompt\"" : null;
    }

    static boolean isDialogue(ObjectNode row, String name) {
        return row.path(name).isTextual() && row.path(name).textValue().startsWith(SharedPrompt.HUMAN);
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Content chosen = fields.content("chosen");
        Content rejected = fields.content("rejected");
        if (!(chosen instanceof Content.Text a) || !(rejected instanceof Content.Text b)) {
            if (chosen != null && rejected != null) {
                fields.problems().add(Rule.WRONG_TYPE, "chosen and rejected must both be strings");
            }
            return fields.refused();
        }
        OptionalInt end = SharedPrompt.endOfDialogue(a.text(), b.text());
        if (end.isEmpty()) {
            fields.problems()
                    .add(Rule.NO_SHARED_PROMPT, "chosen and rejected share no \"\\n\\nAssistant:\" that ends a prompt");
            return fields.refused();
        }
        return ImplicitPairFormat.cut(fields, a.text(), b.text(), end.getAsInt());
    }
}
