package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Row;

/**
 * Records of Argilla as {@code to_json} writes them: fields, and the answers to each question; the older form with a list
 * of answers by annotator too. Every annotator's answer is a ranking of its own. Suggestions are not used.
 *
 * @param promptField the field that is the prompt; empty to look for one of the usual name
 */
record ArgillaFormat(String promptField) implements RowFormat {
    ArgillaFormat() {
        this("");
    }

    @Override
    public String name() {
        return "argilla";
    }

    @Override
    public String layout() {
        return "{\"id\", \"fields\": {name: text, ...}, \"responses\": {question: [{\"value\", \"user_id\"}, ...]}}";
    }

    @Override
    public String schema() {
        return "https://github.com/argilla-io/argilla/blob/develop/argilla/src/argilla/records/_resource.py (to_dict)";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.RANKING;
    }

    @Override
    public List<FormatSetting> settings() {
        return settings(promptField);
    }

    static List<FormatSetting> settings(String promptField) {
        return List.of(new FormatSetting(
                "prompt-field",
                "the field that is the prompt; without it the first of prompt, instruction, input, question",
                promptField));
    }

    @Override
    public RowFormat with(Map<String, String> values) {
        return new ArgillaFormat(values.getOrDefault("prompt-field", promptField));
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = row.path("fields").isObject() && row.path("responses").isContainerNode();
        return fits ? "it has \"fields\" and \"responses\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        RowFields texts = fields.object("fields");
        JsonNode responses = fields.value("responses");
        if (texts == null || responses == null || !responses.isContainerNode()) {
            if (responses == null) {
                fields.object("responses");
            } else if (!responses.isContainerNode()) {
                fields.wrongType("responses", "an object or a list", responses);
            }
            return fields.refused();
        }
        Answers answers = new Answers(fields);
        texts.node().properties().forEach(text -> answers.text(text.getKey(), text.getValue()));
        if (responses.isObject()) {
            responses
                    .properties()
                    .forEach(question -> question.getValue()
                            .forEach(answer -> answers.answer(
                                    question.getKey(),
                                    answer.get("user_id"),
                                    answer.get("status"),
                                    answer.get("value"))));
        } else {
            responses.forEach(response -> response.path("values")
                    .properties()
                    .forEach(value -> answers.answer(
                            value.getKey(),
                            response.get("user_id"),
                            response.get("status"),
                            value.getValue().get("value"))));
        }
        String id = fields.name(fields.has("id") ? "id" : "external_id");
        ParsedRow parsed = answers.end(id, promptField, texts::value);
        if (parsed.rows().isEmpty()) {
            return parsed;
        }
        texts.finish();
        return new ParsedRow(parsed.rows(), parsed.problems(), fields.unused());
    }
}
