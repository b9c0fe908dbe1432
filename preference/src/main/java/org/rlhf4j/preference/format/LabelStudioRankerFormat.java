package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/**
 * Exports of Label Studio with the tag Ranker: each annotation puts the items of a list in order, best first.
 *
 * @param prompt the field of the data that is the prompt
 * @param items the field of the data that is the list
 * @param text the field of an item that is its text
 */
record LabelStudioRankerFormat(String prompt, String items, String text) implements RowFormat {
    private static final String TYPE = "ranker";

    LabelStudioRankerFormat() {
        this("prompt", "items", "body");
    }

    /** An item of the list. */
    private record Item(@Nullable Content text, @Nullable String model) {}

    @Override
    public String name() {
        return "label-studio-ranker";
    }

    @Override
    public String layout() {
        return "{\"id\", \"data\": {\"prompt\", \"items\": [{\"id\", \"body\"}, ...]}, \"annotations\": [{\"completed_by\", \"result\":"
                + " [{\"type\": \"ranker\", \"value\": {\"ranker\": [id, ...]}}]}]}";
    }

    @Override
    public String schema() {
        return "https://labelstud.io/tags/ranker, https://labelstud.io/guide/task_format";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.RANKING;
    }

    @Override
    public List<FormatSetting> settings() {
        return List.of(
                new FormatSetting("data-prompt", "the field of the data that is the prompt", prompt),
                new FormatSetting("data-items", "the field of the data that is the list of items", items),
                new FormatSetting("item-text", "the field of an item that is its text", text));
    }

    @Override
    public RowFormat with(Map<String, String> values) {
        return new LabelStudioRankerFormat(
                values.getOrDefault("data-prompt", prompt),
                values.getOrDefault("data-items", items),
                values.getOrDefault("item-text", text));
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        return LabelStudio.hasResult(row, TYPE)
                ? "it has \"data\" and \"annotations\" with results of the type ranker"
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
        Map<String, Item> byId = new LinkedHashMap<>();
        for (RowFields item : data.objects(items)) {
            String id = item.name("id");
            Content body = LabelStudio.answer(asked, item.content(text));
            if (id == null) {
                fields.problems().add(Rule.MISSING_FIELD, "field \"" + item.path("id") + "\" is missing");
            } else if (byId.put(id, new Item(body, item.name("model"))) != null) {
                fields.problems().add(Rule.REPEATED_ID, "two items have the id \"" + Excerpt.of(id) + "\"");
            }
            item.finish();
        }
        return LabelStudio.end(fields, data, TYPE, (value, origin) -> ranking(value, asked, byId, origin));
    }

    private @Nullable Ranking ranking(RowFields value, @Nullable Content asked, Map<String, Item> byId, Origin origin) {
        JsonNode order = value.value("ranker");
        if (order != null && order.isObject()) {
            value.problems().add(Rule.BAD_RANKING, "the items were put into buckets, whose order is not in the export");
            return null;
        }
        Candidates candidates = Candidates.byRank(value.problems());
        int rank = 1;
        for (JsonNode id : value.array("ranker")) {
            Item item = id.isTextual() || id.isIntegralNumber() ? byId.get(id.asText()) : null;
            if (item == null) {
                value.problems().add(Rule.BAD_RANKING, "no item has the id " + Excerpt.of(id));
            } else {
                candidates.add("the text of item " + Excerpt.of(id), item.text(), rank, item.model());
            }
            rank++;
        }
        return candidates.ranking(asked, origin);
    }
}
