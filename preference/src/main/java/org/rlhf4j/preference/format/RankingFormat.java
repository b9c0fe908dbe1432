package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.Problems;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
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
        Content prompt = fields.content("prompt");
        List<RowFields> items = fields.objects("completions");
        Origin origin = fields.origin();
        List<RankedCompletion> completions = completions(items, fields.problems());
        if (fields.problems().hasError()) {
            fields.problems().addAll(RowRules.prompt(prompt));
            return fields.refused();
        }
        fields.problems().addAll(RowRules.ranking(prompt, completions));
        if (fields.problems().hasError() || prompt == null) {
            return fields.refused();
        }
        return fields.accepted(new Ranking(prompt, completions, origin));
    }

    /** Empty after a problem. */
    private static List<RankedCompletion> completions(List<RowFields> items, Problems problems) {
        RowRules.rankingSize(problems, items.size());
        boolean scored = !items.isEmpty() && items.get(0).has("score");
        List<Content> texts = new ArrayList<>();
        List<Number> places = new ArrayList<>();
        List<@Nullable String> models = new ArrayList<>();
        for (RowFields item : items) {
            Content text = item.content("text");
            problems.addAll(RowRules.completion(item.path("text"), text));
            Number place = place(item, scored, problems);
            String model = item.name("model");
            item.finish();
            if (text != null && place != null) {
                texts.add(text);
                places.add(place);
                models.add(model);
            }
        }
        if (problems.hasError()) {
            return List.of();
        }
        return scored ? byScore(texts, places, models) : byRank(texts, places, models);
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

    private static List<RankedCompletion> byRank(
            List<Content> texts, List<Number> ranks, List<@Nullable String> models) {
        List<RankedCompletion> completions = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            completions.add(new RankedCompletion(texts.get(i), ranks.get(i).intValue(), null, models.get(i)));
        }
        return completions;
    }

    /** Ranks 1, 2, ... for the different scores from the highest down. */
    private static List<RankedCompletion> byScore(
            List<Content> texts, List<Number> scores, List<@Nullable String> models) {
        TreeSet<Double> different = new TreeSet<>(Comparator.reverseOrder());
        // Adding 0.0 makes -0.0 equal to 0.0.
        scores.forEach(score -> different.add(score.doubleValue() + 0.0));
        List<Double> order = List.copyOf(different);
        List<RankedCompletion> completions = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            double score = scores.get(i).doubleValue() + 0.0;
            completions.add(new RankedCompletion(texts.get(i), order.indexOf(score) + 1, score, models.get(i)));
        }
        return completions;
    }
}
