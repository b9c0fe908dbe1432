package org.rlhf4j.preference.format;

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
import org.rlhf4j.preference.RowRules;

/** Completions of one prompt as a format finds them, each with its rank or each with its score. */
final class Candidates {
    private final boolean scored;
    private final Problems problems;
    private final List<Content> texts = new ArrayList<>();
    private final List<Double> places = new ArrayList<>();
    private final List<@Nullable String> models = new ArrayList<>();

    private Candidates(boolean scored, Problems problems) {
        this.scored = scored;
        this.problems = problems;
    }

    /** For ranks from 1, the best; equal ones are ties. */
    static Candidates byRank(Problems problems) {
        return new Candidates(false, problems);
    }

    /** For finite scores, higher is better; equal ones are ties. */
    static Candidates byScore(Problems problems) {
        return new Candidates(true, problems);
    }

    /**
     * Adds a completion; one whose text or place is null was reported already and is left out.
     *
     * @param path what messages call the text
     */
    void add(String path, @Nullable Content text, @Nullable Number place, @Nullable String model) {
        problems.addAll(RowRules.completion(path, text));
        if (text != null && place != null) {
            texts.add(text);
            // Adding 0.0 makes -0.0 equal to 0.0.
            places.add(place.doubleValue() + 0.0);
            models.add(model);
        }
    }

    int size() {
        return texts.size();
    }

    /** The completions with their ranks, in the order in which they came; empty after a problem. */
    List<RankedCompletion> ranked() {
        if (problems.hasError()) {
            return List.of();
        }
        List<RankedCompletion> completions = new ArrayList<>(texts.size());
        List<Double> order = scored ? highestFirst() : List.of();
        for (int i = 0; i < texts.size(); i++) {
            double place = places.get(i);
            int rank = scored ? order.indexOf(place) + 1 : (int) place;
            completions.add(new RankedCompletion(texts.get(i), rank, scored ? place : null, models.get(i)));
        }
        return completions;
    }

    /** The ranking of all of them; null after a problem. */
    @Nullable
    Ranking ranking(@Nullable Content prompt, Origin origin) {
        List<RankedCompletion> completions = ranked();
        if (problems.hasError()) {
            problems.addAll(RowRules.prompt(prompt));
            return null;
        }
        RowRules.rankingSize(problems, completions.size());
        problems.addAll(RowRules.ranking(prompt, completions));
        return problems.hasError() || prompt == null ? null : new Ranking(prompt, completions, origin);
    }

    /** The row of the ranking, or its refusal. */
    ParsedRow row(RowFields fields, @Nullable Content prompt, Origin origin) {
        Ranking ranking = ranking(prompt, origin);
        return ranking == null ? fields.refused() : fields.accepted(ranking);
    }

    private List<Double> highestFirst() {
        TreeSet<Double> different = new TreeSet<>(Comparator.reverseOrder());
        different.addAll(places);
        return List.copyOf(different);
    }
}
