package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.RowRules;

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
        return row(fields, fields.content("prompt"), fields.content("chosen"), fields.content("rejected"));
    }

    /** Ends a pair row: takes its numbers and names, judges it, and makes the record. */
    static ParsedRow row(
            RowFields fields, @Nullable Content prompt, @Nullable Content chosen, @Nullable Content rejected) {
        Double margin = fields.number("margin");
        Double probability = fields.number("probability");
        Double weight = fields.number("weight");
        String chosenModel = fields.name("chosen_model");
        String rejectedModel = fields.name("rejected_model");
        Origin origin = fields.origin();
        fields.refuseImages();
        fields.problems().addAll(RowRules.pair(prompt, chosen, rejected));
        fields.problems().addAll(RowRules.pairNumbers(margin, probability, weight == null ? 1.0 : weight));
        if (fields.problems().hasError() || prompt == null || chosen == null || rejected == null) {
            return fields.refused();
        }
        return fields.accepted(new PreferencePair(
                prompt,
                chosen,
                rejected,
                margin,
                probability,
                weight == null ? 1.0 : weight,
                chosenModel,
                rejectedModel,
                origin));
    }
}
