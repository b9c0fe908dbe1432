package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Problems;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.RowRules;
import org.rlhf4j.preference.Rule;

/** The canonical ranking row: completions with ranks (1 is best) or scores (higher is better); equal ones are ties. */
record RankingFormat() implements RowFormat {
    @Override
    public String name() {
        return "rankings";
    }

    @Override
    public String layout() {
        return "{\"prompt\", \"completions\": [{\"text\", \"rank\"}, ...]}, rank 1 is best; or \"score\", higher is better";
    }

    @Override
    public String schema() {
        return OWN_SCHEMA;
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.RANKING;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        boolean fits = RowFields.has(row, "prompt")
                && !RowFields.has(row, "preferences")
                && row.path("completions").isArray()
                && row.path("completions").path(0).isObject();
        return fits ? "it has \"prompt\" and a list of objects as \"completions\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Problems problems = fields.problems();
        Content prompt = fields.content("prompt");
        List<RowFields> items = fields.objects("completions");
        Origin origin = fields.origin();
        RowRules.rankingSize(problems, items.size());
        boolean scored = !items.isEmpty() && items.get(0).has("score");
        Candidates candidates = scored ? Candidates.byScore(problems) : Candidates.byRank(problems);
        for (RowFields item : items) {
            Content text = item.content("text");
            candidates.add(item.path("text"), text, place(item, scored, problems), item.name("model"));
            item.finish();
        }
        return candidates.row(fields, prompt, origin);
    }

    private static @Nullable Number place(RowFields item, boolean scored, Problems problems) {
        if (item.has("score") && item.has("rank")) {
            problems.add(Rule.BAD_RANKING, item.path("rank") + " stands beside a score; use one of them");
            return null;
        }
        if (item.has(scored ? "rank" : "score")) {
            problems.add(Rule.BAD_RANKING, "some completions have a score and others a rank; use one of them");
            return null;
        }
        if (!scored) {
            return item.rank("rank");
        }
        if (!item.has("score")) {
            problems.add(Rule.BAD_RANKING, item.path("score") + " is missing");
            return null;
        }
        Double score = item.number("score");
        problems.addAll(RowRules.finite(item.path("score"), score));
        return score;
    }
}
