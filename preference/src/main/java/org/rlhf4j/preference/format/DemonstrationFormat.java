package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.RowRules;
import org.rlhf4j.preference.Rule;

/** Rows for supervised fine-tuning: a prompt with its completion, a conversation, or plain text. */
record DemonstrationFormat() implements RowFormat {
    private static final List<String> FORMS = List.of("completion", "messages", "text");

    @Override
    public String name() {
        return "demonstrations";
    }

    @Override
    public String layout() {
        return "{\"prompt\", \"completion\"}, {\"messages\": [{\"role\", \"content\"}, ...]} or {\"text\"}";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/docs/trl/dataset_formats#prompt-completion";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.DEMONSTRATION;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        // A "label" says whether the completion is good: such rows are no demonstrations.
        for (String other : List.of("chosen", "rejected", "completions", "label", "labels")) {
            if (RowFields.has(row, other)) {
                return null;
            }
        }
        List<String> forms = forms(row);
        if (forms.size() != 1 || (forms.contains("completion") && !RowFields.has(row, "prompt"))) {
            return null;
        }
        return forms.contains("completion")
                ? "it has \"prompt\" and \"completion\""
                : "it has \"" + forms.get(0) + "\"";
    }

    @Override
    public boolean isGeneral() {
        return true;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        List<String> forms = forms(row);
        if (forms.size() > 1) {
            fields.problems()
                    .add(
                            Rule.AMBIGUOUS_ROW,
                            "\"" + String.join("\", \"", forms) + "\" stand side by side; keep one of them");
            return fields.refused();
        }
        Content prompt = null;
        Content completion;
        if (forms.contains("messages")) {
            completion = whole(fields, "messages", false);
        } else if (forms.contains("text")) {
            completion = whole(fields, "text", true);
        } else {
            prompt = fields.content("prompt");
            completion = fields.content("completion");
            if (prompt == null) {
                fields.problems().addAll(RowRules.completion("completion", completion));
                return fields.refused();
            }
        }
        Origin origin = fields.origin();
        fields.refuseImages();
        fields.problems().addAll(RowRules.demonstration(prompt, completion));
        if (fields.problems().hasError() || completion == null) {
            return fields.refused();
        }
        return fields.accepted(new Demonstration(prompt, completion, origin));
    }

    private static @Nullable Content whole(RowFields fields, String name, boolean text) {
        Content content = fields.content(name);
        if (content != null && content instanceof Content.Text != text) {
            fields.problems()
                    .add(
                            Rule.WRONG_TYPE,
                            "field \"" + name + "\" must be " + (text ? "a string" : "a list of messages"));
            return null;
        }
        return content;
    }

    private static List<String> forms(ObjectNode row) {
        return FORMS.stream().filter(form -> RowFields.has(row, form)).toList();
    }
}
