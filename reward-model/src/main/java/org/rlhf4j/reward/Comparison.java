package org.rlhf4j.reward;

import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.lm.text.EncodedExample;
import org.rlhf4j.lm.text.EncodedRow;
import org.rlhf4j.lm.text.EncodedRows;
import org.rlhf4j.lm.text.EncodingCounts;
import org.rlhf4j.lm.text.ExampleEncoder;
import org.rlhf4j.lm.text.TextRow;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Row;

/** What a reward model learns from: completions of one prompt as token ids, and which are better than which. */
public sealed interface Comparison permits Comparison.Pair, Comparison.Ranked {
    /** Where the row stands, such as {@code pairs.jsonl:17}. */
    String place();

    /** Every completion with its prompt, best first; ties in their order in the row. */
    List<EncodedExample> examples();

    /** How much the row counts in the mean loss; positive. */
    double weight();

    /**
     * Two completions.
     *
     * @param place where the row stands
     * @param chosen the better one
     * @param rejected the worse one
     * @param margin how much better it is known to be, in score units; 0 when unknown
     * @param probability how sure the label is, in [0, 1]; 0.5 is a tie
     * @param weight how much the pair counts
     */
    record Pair(
            String place,
            EncodedExample chosen,
            EncodedExample rejected,
            double margin,
            double probability,
            double weight)
            implements Comparison {
        @Override
        public List<EncodedExample> examples() {
            return List.of(chosen, rejected);
        }
    }

    /**
     * A whole ranking.
     *
     * @param place where the row stands
     * @param examples the completions
     * @param ranks the rank of each, in the same order; 1 is best, equal ranks are ties
     * @param weight how much the ranking counts
     */
    record Ranked(String place, List<EncodedExample> examples, List<Integer> ranks, double weight)
            implements Comparison {
        /** Copies the lists and checks their lengths. */
        public Ranked {
            examples = List.copyOf(examples);
            ranks = List.copyOf(ranks);
            if (examples.size() != ranks.size() || examples.size() < 2) {
                throw new IllegalArgumentException(place + ": a ranking needs a rank for each of at least 2"
                        + " completions but has " + ranks.size() + " for " + examples.size());
            }
        }
    }

    /**
     * Encoded rows, and what encoding did to them.
     *
     * @param rows the rows that were kept
     * @param counts rows read, cut and left out
     */
    record Encoded(List<Comparison> rows, EncodingCounts counts) {
        /** Copies the list. */
        public Encoded {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Encodes pairs and rankings, and checks all of them, before anything is trained or scored.
     *
     * @param rows pairs and rankings with their places
     * @param encoder turns text into ids
     * @return the comparisons in the order of the rows
     * @throws org.rlhf4j.base.DataFormatException if a row cannot be encoded, or is neither a pair nor a ranking
     */
    static Encoded encode(List<? extends Located<? extends Row>> rows, ExampleEncoder encoder) {
        List<TextRow> texts = new ArrayList<>(rows.size());
        for (Located<? extends Row> row : rows) {
            texts.add(Comparisons.text(row));
        }
        EncodedRows encoded = encoder.encodeAll(texts);
        List<Comparison> comparisons = new ArrayList<>(encoded.rows().size());
        for (EncodedRow row : encoded.rows()) {
            comparisons.add(Comparisons.of(rows.get(row.index()), row.examples()));
        }
        return new Encoded(comparisons, encoded.counts());
    }
}
