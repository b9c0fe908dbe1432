package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.RowRules;
import org.rlhf4j.preference.UnpairedPreference;

/** TRL's unpaired preference, standard or conversational, which is also the canonical row of that kind. */
record UnpairedFormat() implements RowFormat {
    @Override
    public String name() {
        return "unpaired";
    }

    @Override
    public String layout() {
        return "{\"prompt\", \"completion\", \"label\"}, label true or false";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/docs/trl/dataset_formats#unpaired-preference";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.UNPAIRED;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = RowFields.has(row, "prompt") && RowFields.has(row, "completion") && RowFields.has(row, "label");
        return fits ? "it has \"prompt\", \"completion\" and \"label\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Content prompt = fields.content("prompt");
        Content completion = fields.content("completion");
        Boolean label = fields.bool("label");
        Origin origin = fields.origin();
        fields.refuseImages();
        if (prompt == null || completion == null || label == null) {
            return fields.refused();
        }
        fields.problems().addAll(RowRules.demonstration(prompt, completion));
        return fields.problems().hasError()
                ? fields.refused()
                : fields.accepted(new UnpairedPreference(prompt, completion, label, origin));
    }
}
