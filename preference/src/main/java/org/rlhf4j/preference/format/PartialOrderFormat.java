package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.RowRules;

/** The canonical partial order: completions, and pairs of their indices, each the better one first. */
record PartialOrderFormat() implements RowFormat {
    @Override
    public String name() {
        return "partial-orders";
    }

    @Override
    public String layout() {
        return "{\"prompt\", \"completions\": [{\"text\"}, ...], \"preferences\": [[better, worse], ...]},"
                + " indices from 0, no cycle";
    }

    @Override
    public String schema() {
        return OWN_SCHEMA;
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.PARTIAL_ORDER;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = RowFields.has(row, "prompt")
                && row.path("completions").isArray()
                && row.path("completions").path(0).isObject()
                && row.path("preferences").isArray();
        return fits ? "it has \"prompt\", a list of objects as \"completions\", and \"preferences\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Content prompt = fields.content("prompt");
        List<RowFields> items = fields.objects("completions");
        List<PartialOrder.Preference> preferences = fields.indexPairs("preferences").stream()
                .map(pair -> new PartialOrder.Preference(pair[0], pair[1]))
                .toList();
        Origin origin = fields.origin();
        List<PartialOrder.Completion> completions = new ArrayList<>();
        for (RowFields item : items) {
            Content text = item.content("text");
            fields.problems().addAll(RowRules.completion(item.path("text"), text));
            String model = item.name("model");
            item.finish();
            if (text != null && !text.isBlank()) {
                completions.add(new PartialOrder.Completion(text, model));
            }
        }
        if (fields.problems().hasError()) {
            fields.problems().addAll(RowRules.prompt(prompt));
            return fields.refused();
        }
        fields.problems().addAll(RowRules.partialOrder(prompt, completions, preferences));
        if (fields.problems().hasError() || prompt == null) {
            return fields.refused();
        }
        return fields.accepted(new PartialOrder(prompt, completions, preferences, origin));
    }
}
