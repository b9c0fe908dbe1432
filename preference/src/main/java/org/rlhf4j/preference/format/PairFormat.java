package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Row;

/** The canonical pair row, which is also TRL's preference row with an explicit prompt, standard or conversational. */
record PairFormat() implements RowFormat {
    @Override
    public String name() {
        return "pairs";
    }

    @Override
    public String layout() {
        return "{\"prompt\", \"chosen\", \"rejected\"}, each a string or a list of messages";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/docs/trl/dataset_formats#preference";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.PAIR;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = RowFields.has(row, "prompt")
                && RowFields.has(row, "chosen")
                && RowFields.has(row, "rejected")
                && !ImplicitPairFormat.repeatsPrompt(row);
        return fits ? "it has \"prompt\", \"chosen\" and \"rejected\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        return fields.pair(fields.content("prompt"), fields.content("chosen"), fields.content("rejected"));
    }
}
