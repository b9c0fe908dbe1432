package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/**
 * Responses and their ranks or scores in lists side by side, as RRHF (arXiv:2304.05302) and others that compare k
 * responses keep them.
 */
record RankedResponsesFormat() implements RowFormat {
    @Override
    public String name() {
        return "ranked-responses";
    }

    @Override
    public String layout() {
        return "{\"prompt\" or \"query\", \"responses\": [text, ...], \"scores\" (higher is better) or \"ranks\" (1 is best): [number,"
                + " ...]}, optional \"models\"";
    }

    @Override
    public String schema() {
        return "https://github.com/GanjinZero/RRHF";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.RANKING;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        String prompt = RowFields.has(row, "prompt") ? "prompt" : "query";
        String places = row.path("scores").isArray() ? "scores" : "ranks";
        boolean fits = RowFields.has(row, prompt)
                && row.path("responses").isArray()
                && row.path(places).isArray();
        return fits ? "it has \"" + prompt + "\" and the lists \"responses\" and \"" + places + "\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Content prompt = fields.content(fields.has("query") && !fields.has("prompt") ? "query" : "prompt");
        boolean scored = fields.has("scores");
        if (scored && fields.has("ranks")) {
            fields.problems().add(Rule.AMBIGUOUS_ROW, "\"scores\" and \"ranks\" stand side by side; keep one of them");
        }
        List<JsonNode> responses = list(fields, "responses");
        List<JsonNode> places = list(fields, scored ? "scores" : "ranks");
        List<JsonNode> models = fields.has("models") ? list(fields, "models") : List.of();
        if (places.size() != responses.size() || !(models.isEmpty() || models.size() == responses.size())) {
            fields.problems()
                    .add(
                            Rule.BAD_RANKING,
                            "there are " + responses.size() + " responses but " + places.size() + " places"
                                    + (models.isEmpty() ? "" : " and " + models.size() + " models"));
        }
        Candidates candidates = scored ? Candidates.byScore(fields.problems()) : Candidates.byRank(fields.problems());
        for (int i = 0; i < Math.min(responses.size(), places.size()); i++) {
            // Each element is read as a field of its own, by the rules of fields.
            ObjectNode item = Json.object();
            item.set("responses[" + i + "]", responses.get(i));
            item.set("place of responses[" + i + "]", places.get(i));
            item.set("models[" + i + "]", models.size() > i ? models.get(i) : null);
            RowFields element = fields.beside(item);
            Content text = element.content("responses[" + i + "]");
            candidates.add("responses[" + i + "]", text, place(element, i, scored), element.name("models[" + i + "]"));
        }
        return candidates.row(fields, prompt, fields.origin());
    }

    private static @Nullable Number place(RowFields element, int i, boolean scored) {
        String name = "place of responses[" + i + "]";
        if (scored) {
            return element.requiredNumber(name);
        }
        int rank = element.rank(name);
        return rank == 0 ? null : rank;
    }

    private static List<JsonNode> list(RowFields fields, String name) {
        List<JsonNode> values = new ArrayList<>();
        fields.array(name).forEach(values::add);
        return values;
    }
}
