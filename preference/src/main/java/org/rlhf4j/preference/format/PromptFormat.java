package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.PromptRow;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.RowRules;

/** Rows that hold a prompt and no completion. */
record PromptFormat() implements RowFormat {
    /** Fields that hold completions in one layout or another: such rows are more than prompts. */
    private static final List<String> OTHERS = List.of(
            "chosen",
            "rejected",
            "completion",
            "completions",
            "messages",
            "text",
            "label",
            "labels",
            "response",
            "responses",
            "answers",
            "preference");

    @Override
    public String name() {
        return "prompts";
    }

    @Override
    public String layout() {
        return "{\"prompt\"}, a string or a list of messages";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/docs/trl/dataset_formats#prompt-only";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.PROMPT;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean prompt = row.path("prompt").isTextual() || row.path("prompt").isArray();
        boolean fits = prompt && OTHERS.stream().noneMatch(other -> RowFields.has(row, other));
        return fits ? "it has \"prompt\" and no completion" : null;
    }

    @Override
    public boolean isGeneral() {
        return true;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Content prompt = fields.content("prompt");
        Origin origin = fields.origin();
        fields.refuseImages();
        fields.problems().addAll(RowRules.prompt(prompt));
        if (fields.problems().hasError() || prompt == null) {
            return fields.refused();
        }
        return fields.accepted(new PromptRow(prompt, origin));
    }
}
