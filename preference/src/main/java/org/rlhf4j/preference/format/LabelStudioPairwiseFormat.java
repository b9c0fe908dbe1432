package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/**
 * Exports of Label Studio with the tag Pairwise: each annotation selects the left or the right of two texts. Which field of
 * the data stands where is in the labelling configuration, not in the export.
 *
 * @param prompt the field of the data that is the prompt
 * @param left the field shown on the left
 * @param right the field shown on the right
 */
record LabelStudioPairwiseFormat(String prompt, String left, String right) implements RowFormat {
    private static final String TYPE = "pairwise";

    LabelStudioPairwiseFormat() {
        this("prompt", "answer1", "answer2");
    }

    @Override
    public String name() {
        return "label-studio-pairwise";
    }

    @Override
    public String layout() {
        return "{\"id\", \"data\": {\"prompt\", \"answer1\", \"answer2\"}, \"annotations\": [{\"completed_by\", \"result\": [{\"type\":"
                + " \"pairwise\", \"value\": {\"selected\": \"left\"}}]}]}";
    }

    @Override
    public String schema() {
        return "https://labelstud.io/tags/pairwise, https://labelstud.io/guide/task_format";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.PAIR;
    }

    @Override
    public List<FormatSetting> settings() {
        return List.of(
                new FormatSetting("data-prompt", "the field of the data that is the prompt", prompt),
                new FormatSetting("left", "the field of the data that is shown on the left", left),
                new FormatSetting("right", "the field of the data that is shown on the right", right));
    }

    @Override
    public RowFormat with(Map<String, String> values) {
        return new LabelStudioPairwiseFormat(
                values.getOrDefault("data-prompt", prompt),
                values.getOrDefault("left", left),
                values.getOrDefault("right", right));
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        return LabelStudio.hasResult(row, TYPE)
                ? "it has \"data\" and \"annotations\" with results of the type pairwise"
                : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        RowFields data = fields.object("data");
        if (data == null) {
            return fields.refused();
        }
        Content asked = data.content(prompt);
        Preferred.Two two = new Preferred.Two(
                asked, LabelStudio.answer(asked, data.content(left)), LabelStudio.answer(asked, data.content(right)));
        return LabelStudio.end(
                fields, data, TYPE, (value, origin) -> Preferred.pair(fields, two, selected(value), null, origin));
    }

    private static @Nullable Preferred selected(RowFields value) {
        String selected = value.text("selected");
        if (selected == null || selected.equals("left") || selected.equals("right")) {
            return selected == null ? null : selected.equals("left") ? Preferred.FIRST : Preferred.SECOND;
        }
        value.problems()
                .add(
                        Rule.WRONG_TYPE,
                        "field \"" + value.path("selected") + "\" is \"" + Excerpt.of(selected)
                                + "\", must be left or right");
        return null;
    }
}
