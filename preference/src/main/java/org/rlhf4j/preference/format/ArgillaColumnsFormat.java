package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.preference.Row;

/**
 * Records of Argilla as a table: the columns of {@code to_datasets}, and those of the data sets that the older
 * FeedbackDataset pushed to the hub. Every annotator's answer is a ranking of its own. Suggestions are not used.
 *
 * @param promptField the field that is the prompt; empty to look for one of the usual name
 */
record ArgillaColumnsFormat(String promptField) implements RowFormat {
    private static final String RESPONSES = ".responses";
    private static final String USERS = ".users";
    private static final String STATUS = ".status";

    ArgillaColumnsFormat() {
        this("");
    }

    @Override
    public String name() {
        return "argilla-columns";
    }

    @Override
    public String layout() {
        return "{field: text, ..., \"QUESTION.responses\": [...], \"QUESTION.responses.users\": [...]}; or QUESTION: [{\"user_id\","
                + " \"value\", \"status\"}, ...]";
    }

    @Override
    public String schema() {
        return "https://github.com/argilla-io/argilla/blob/develop/argilla/src/argilla/records/_io/_generic.py,"
                + " https://huggingface.co/datasets/vegeta/testargilla (the older columns)";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.RANKING;
    }

    @Override
    public List<FormatSetting> settings() {
        return ArgillaFormat.settings(promptField);
    }

    @Override
    public RowFormat with(Map<String, String> values) {
        return new ArgillaColumnsFormat(values.getOrDefault("prompt-field", promptField));
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        for (Map.Entry<String, JsonNode> column : row.properties()) {
            String name = column.getKey();
            if (name.endsWith(RESPONSES) && row.has(name + USERS)) {
                return "it has \"" + Excerpt.of(name) + "\" and \"" + Excerpt.of(name + USERS) + "\"";
            }
            if (isQuestion(column.getValue())) {
                return "its \"" + Excerpt.of(name) + "\" has \"user_id\", \"value\" and \"status\"";
            }
        }
        return null;
    }

    /** A column of the older layout: a list of answers, or an answer of lists. */
    private static boolean isQuestion(JsonNode column) {
        JsonNode answer = column.isArray() ? column.path(0) : column;
        return answer.has("user_id") && answer.has("value") && answer.has("status");
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Answers answers = new Answers(fields);
        for (Map.Entry<String, JsonNode> column : row.properties()) {
            String name = column.getKey();
            JsonNode value = column.getValue();
            if (name.endsWith(RESPONSES)) {
                read(fields, answers, name);
            } else if (isQuestion(value)) {
                fields.value(name);
                readOld(answers, name, value);
            } else if (value.isTextual() || value.isArray()) {
                answers.text(name, value);
            }
        }
        String id = fields.name(fields.has("id") ? "id" : "external_id");
        return answers.end(id, promptField, fields::value);
    }

    private static void read(RowFields fields, Answers answers, String column) {
        JsonNode values = fields.value(column);
        JsonNode users = fields.value(column + USERS);
        JsonNode status = fields.value(column + STATUS);
        String question = column.substring(0, column.length() - RESPONSES.length());
        for (int i = 0; values != null && i < values.size(); i++) {
            answers.answer(
                    question,
                    users == null ? null : users.get(i),
                    status == null ? null : status.get(i),
                    values.get(i));
        }
    }

    private static void readOld(Answers answers, String question, JsonNode column) {
        if (column.isArray()) {
            column.forEach(answer ->
                    answers.answer(question, answer.get("user_id"), answer.get("status"), answer.get("value")));
            return;
        }
        JsonNode values = column.path("value");
        for (int i = 0; i < values.size(); i++) {
            answers.answer(
                    question,
                    column.path("user_id").get(i),
                    column.path("status").get(i),
                    values.get(i));
        }
    }
}
