package org.rlhf4j.lm.data;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.EncodedRow;
import org.rlhf4j.lm.text.EncodedRows;
import org.rlhf4j.lm.text.EncodingCounts;
import org.rlhf4j.lm.text.ExampleEncoder;
import org.rlhf4j.lm.text.TextRow;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.RankedCompletion;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;

/**
 * Pairs and rankings as token ids, every row of them checked before anything is trained or scored.
 *
 * @param rows the comparisons, in the order of the data
 * @param counts what encoding did: prompts read, cut and left out, tokens
 */
public record ComparisonSet(List<Comparison> rows, EncodingCounts counts) {
    /** Most completions of a joined row: they share one forward pass. */
    private static final int MOST_JOINED = 32;

    /** Copies the list. */
    public ComparisonSet {
        rows = List.copyOf(rows);
    }

    /**
     * Encodes rows.
     *
     * <p>Pairs that follow each other and share a prompt can be joined into one row, as those of one ranking do after
     * conversion, up to 32 completions. The completions of a row are read once however many pairs they stand in, and stay together in a batch:
     * the way of Ouyang et al. 2022 (arXiv:2203.02155, section 3.5), which is faster and overfits less.
     *
     * @param data pairs and rankings with their places, read once
     * @param encoder turns text into ids
     * @param joinPairs whether to join pairs of one prompt
     * @return the comparisons
     * @throws DataFormatException if a row cannot be encoded, or is neither a pair nor a ranking
     */
    public static ComparisonSet encode(
            Iterator<? extends Located<? extends Row>> data, ExampleEncoder encoder, boolean joinPairs) {
        List<Draft> drafts = new ArrayList<>();
        @Nullable Draft last = null;
        while (data.hasNext()) {
            Located<? extends Row> row = data.next();
            if (row.value() instanceof PreferencePair pair) {
                if (last == null || !joinPairs || last.isFull() || !last.prompt.equals(pair.prompt())) {
                    last = new Draft(row.place(), pair.prompt());
                    drafts.add(last);
                }
                last.add(pair);
            } else if (row.value() instanceof Ranking ranking) {
                drafts.add(new Draft(row.place(), ranking));
                last = null;
            } else {
                String advice = row.value() instanceof PartialOrder
                        ? "; rlhf data convert --pairs all makes pairs of them"
                        : "";
                throw new DataFormatException(
                        row.file(),
                        row.line(),
                        "pairs or rankings are needed, but this file holds "
                                + row.value().kind().plural() + advice);
            }
        }
        EncodedRows encoded = encoder.encodeAll(drafts.stream().map(Draft::text).toList());
        List<Comparison> rows = new ArrayList<>(encoded.rows().size());
        for (EncodedRow row : encoded.rows()) {
            rows.add(drafts.get(row.index()).comparison(row.examples()));
        }
        return new ComparisonSet(rows, encoded.counts());
    }

    /** A row before its text is encoded: completions without repetition, and the pairs or ranks among them. */
    private static final class Draft {
        private final String place;
        private final Content prompt;
        private final Map<Content, Integer> completions = new LinkedHashMap<>();
        private final List<Comparison.Preference> preferences = new ArrayList<>();
        private final List<Integer> ranks = new ArrayList<>();

        Draft(String place, Content prompt) {
            this.place = place;
            this.prompt = prompt;
        }

        Draft(String place, Ranking ranking) {
            this(place, ranking.prompt());
            for (List<RankedCompletion> level : ranking.levels()) {
                for (RankedCompletion completion : level) {
                    index(completion.text());
                    ranks.add(completion.rank());
                }
            }
        }

        boolean isFull() {
            return completions.size() >= MOST_JOINED;
        }

        void add(PreferencePair pair) {
            Double margin = pair.margin();
            Double probability = pair.probability();
            preferences.add(new Comparison.Preference(
                    index(pair.chosen()),
                    index(pair.rejected()),
                    margin == null ? 0 : margin,
                    probability == null ? 1 : probability,
                    pair.weight()));
        }

        private int index(Content completion) {
            return completions.computeIfAbsent(completion, fresh -> completions.size());
        }

        TextRow text() {
            return new TextRow(place, prompt, List.copyOf(completions.keySet()));
        }

        Comparison comparison(List<EncodedExample> examples) {
            return ranks.isEmpty()
                    ? new Comparison.Pairs(place, examples, preferences)
                    : new Comparison.Ranked(place, examples, ranks, 1);
        }
    }
}
