package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Message;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/** What the exports of Label Studio have in common: tasks with data, and the annotations of several people. */
final class LabelStudio {
    private LabelStudio() {}

    /** Whether a task has a result of a type. */
    static boolean hasResult(ObjectNode task, String type) {
        if (!task.path("data").isObject()) {
            return false;
        }
        for (JsonNode annotation : task.path("annotations")) {
            for (JsonNode result : annotation.path("result")) {
                if (type.equals(result.path("type").textValue())) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Ends a task: a row for each result of a type that someone gave.
     *
     * @param fields the task
     * @param data its data
     * @param type the type of the results that count
     * @param read makes a row of the value of a result; null after a problem
     */
    static ParsedRow end(
            RowFields fields, RowFields data, String type, BiFunction<RowFields, Origin, @Nullable Row> read) {
        String id = fields.name("id");
        List<RowFields> results = new ArrayList<>();
        List<String> annotators = new ArrayList<>();
        for (RowFields annotation : fields.objects("annotations")) {
            String annotator = annotator(annotation);
            if (annotation.has("was_cancelled") && Boolean.TRUE.equals(annotation.bool("was_cancelled"))) {
                fields.problems().add(Rule.NOTHING_COMPARED, "an annotation is left out: it was cancelled");
                continue;
            }
            for (RowFields result : annotation.objects("result")) {
                if (type.equals(result.text("type"))) {
                    results.add(result);
                    annotators.add(annotator == null ? "" : annotator);
                }
            }
        }
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            Origin origin = new Origin(id, null, annotators.get(i).isEmpty() ? null : annotators.get(i));
            RowFields value = results.get(i).object("value");
            Row row = value == null ? null : read.apply(value, results.size() == 1 ? origin : origin.numbered(i + 1));
            if (row != null) {
                rows.add(row);
            }
        }
        if (fields.problems().hasError()) {
            return fields.refused();
        }
        if (rows.isEmpty()) {
            return fields.leftOut("no annotation has a result of the type " + type);
        }
        data.finish();
        return fields.accepted(rows);
    }

    private static @Nullable String annotator(RowFields annotation) {
        JsonNode by = annotation.value("completed_by");
        if (by == null || !by.isObject()) {
            return annotation.name("completed_by");
        }
        RowFields person = annotation.object("completed_by");
        return person == null ? null : person.name(person.has("email") ? "email" : "id");
    }

    /** A text as an answer to a prompt: a message of the assistant where the prompt is a list of messages. */
    static @Nullable Content answer(@Nullable Content prompt, @Nullable Content text) {
        return prompt instanceof Content.Chat && text instanceof Content.Text plain
                ? Content.of(List.of(new Message("assistant", plain.text())))
                : text;
    }
}
