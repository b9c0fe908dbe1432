package org.rlhf4j.preference;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.rlhf4j.base.Content;

/**
 * Completions of one prompt in order of preference, ties allowed.
 *
 * @param prompt what was asked; text or messages, and the completions alike
 * @param completions at least two different completions, in the order of the data
 * @param origin its name and where it comes from
 */
public record Ranking(Content prompt, List<RankedCompletion> completions, Origin origin) implements Row {
    /** The most completions that one ranking may list: its pairs still fit in a small heap. */
    public static final int MAX_COMPLETIONS = 1024;

    /**
     * Checks the row.
     *
     * @throws IllegalArgumentException if there are fewer than two or more than {@link #MAX_COMPLETIONS} completions, a
     *     text is blank or listed twice, text and messages are mixed, some completions have scores and others not, or
     *     ranks and scores disagree
     */
    public Ranking {
        completions = List.copyOf(completions);
        RowRules.ranking(prompt, completions).require();
    }

    /**
     * A ranking of texts, best first.
     *
     * @param prompt what was asked
     * @param bestToWorst the completions
     * @return the ranking with ranks 1, 2, ...
     */
    public static Ranking of(String prompt, List<String> bestToWorst) {
        List<RankedCompletion> ranked = new ArrayList<>();
        for (String text : bestToWorst) {
            ranked.add(RankedCompletion.of(text, ranked.size() + 1));
        }
        return new Ranking(Content.of(prompt), ranked, Origin.NONE);
    }

    /**
     * The completions grouped by rank, best level first; those of one level are tied and stand in the order of the data.
     *
     * @return at least one level, each with at least one completion
     */
    public List<List<RankedCompletion>> levels() {
        TreeMap<Integer, List<RankedCompletion>> byRank = new TreeMap<>();
        for (RankedCompletion completion : completions) {
            byRank.computeIfAbsent(completion.rank(), rank -> new ArrayList<>()).add(completion);
        }
        Collection<List<RankedCompletion>> levels = byRank.values();
        return List.copyOf(levels);
    }

    @Override
    public Kind kind() {
        return Kind.RANKING;
    }

    @Override
    public ObjectNode toJson() {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.set("prompt", prompt.toJson());
        ArrayNode list = row.putArray("completions");
        for (RankedCompletion completion : completions) {
            ObjectNode item = list.addObject();
            item.set("text", completion.text().toJson());
            if (completion.score() == null) {
                item.put("rank", completion.rank());
            } else {
                item.put("score", completion.score());
            }
            if (completion.model() != null) {
                item.put("model", completion.model());
            }
        }
        origin.putInto(row);
        return row;
    }
}
