package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;

/** Nectar: a prompt and the ranked answers of several models. */
record NectarFormat() implements RowFormat {
    @Override
    public String name() {
        return "nectar";
    }

    @Override
    public String layout() {
        return "{\"prompt\", \"answers\": [{\"answer\", \"model\", \"rank\"}, ...]}, rank 1 is best";
    }

    @Override
    public String schema() {
        return "https://huggingface.co/datasets/berkeley-nest/Nectar";
    }

    @Override
    public Row.Kind kind() {
        return Row.Kind.RANKING;
    }

    @Override
    public @Nullable String evidence(ObjectNode row) {
        JsonNode first = row.path("answers").path(0);
        boolean fits = RowFields.has(row, "prompt") && first.has("answer") && first.has("rank");
        return fits ? "it has \"prompt\" and \"answers\" with \"answer\" and \"rank\"" : null;
    }

    @Override
    public ParsedRow parse(ObjectNode row) {
        RowFields fields = RowFields.of(row);
        Content prompt = fields.textContent("prompt");
        Candidates candidates = Candidates.byRank(fields.problems());
        for (RowFields item : fields.objects("answers")) {
            Content text = item.textContent("answer");
            candidates.add(item.path("answer"), text, rank(item), item.name("model"));
            item.finish();
        }
        return candidates.row(fields, prompt, Origin.NONE);
    }

    /** The rank, which the Parquet file has as a floating-point number. */
    private static @Nullable Integer rank(RowFields item) {
        Double rank = item.requiredNumber("rank");
        if (rank == null || (rank >= 1 && rank <= Ranking.MAX_COMPLETIONS && rank == Math.rint(rank))) {
            return rank == null ? null : rank.intValue();
        }
        item.problems().add(Rule.BAD_RANKING, "field \"" + item.path("rank") + "\" is " + rank + ", must be 1, 2, ...");
        return null;
    }
}
