package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.RowRules;
import org.rlhf4j.preference.StepwiseSupervision;

/** TRL's stepwise supervision, which is also the canonical row of that kind. */
record StepwiseFormat() implements RowFormat {
    @Override
    public String name() {
        return "stepwise";
    }

    @Override
    public String layout() {
        return "{\"prompt\", \"completions\": [step, ...], \"labels\": [true or false, ...]}";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/docs/trl/dataset_formats#stepwise-supervision";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.STEPWISE;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = RowFields.has(row, "prompt")
                && row.path("completions").isArray()
                && row.path("labels").isArray();
        return fits ? "it has \"prompt\" and the lists \"completions\" and \"labels\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Content prompt = fields.content("prompt");
        List<String> completions =
                list(fields, "completions", "a string", value -> value.isTextual() ? value.textValue() : null);
        List<Boolean> labels =
                list(fields, "labels", "true or false", value -> value.isBoolean() ? value.booleanValue() : null);
        Origin origin = fields.origin();
        if (fields.problems().hasError() || prompt == null) {
            return fields.refused();
        }
        fields.problems().addAll(RowRules.steps(prompt, completions, labels));
        return fields.problems().hasError()
                ? fields.refused()
                : fields.accepted(new StepwiseSupervision(prompt, completions, labels, origin));
    }

    private static <T> List<T> list(
            RowFields fields, String name, String wanted, Function<JsonNode, @Nullable T> read) {
        List<T> values = new ArrayList<>();
        int index = 0;
        for (JsonNode node : fields.array(name)) {
            T value = read.apply(node);
            if (value == null) {
                fields.wrongType(name + "[" + index + "]", wanted, node);
            } else {
                values.add(value);
            }
            index++;
        }
        return values;
    }
}
