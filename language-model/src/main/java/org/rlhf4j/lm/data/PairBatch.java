package org.rlhf4j.lm.data;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import org.rlhf4j.lm.text.EncodedExample;

/**
 * The pairs of several rows over one list of completions, so that one forward pass reads each completion once.
 *
 * @param examples the completions of all rows, row after row, N
 * @param pairs the pairs of all rows, P, with indices into {@code examples}
 */
public record PairBatch(List<EncodedExample> examples, List<Comparison.Preference> pairs) {
    /** Copies the lists. */
    public PairBatch {
        examples = List.copyOf(examples);
        pairs = List.copyOf(pairs);
    }

    /** Puts rows together. */
    public static PairBatch of(List<Comparison.Pairs> rows) {
        List<EncodedExample> examples = new ArrayList<>();
        List<Comparison.Preference> pairs = new ArrayList<>();
        for (Comparison.Pairs row : rows) {
            int from = examples.size();
            row.preferences().forEach(pair -> pairs.add(pair.shifted(from)));
            examples.addAll(row.examples());
        }
        return new PairBatch(examples, pairs);
    }

    /** Index of each pair's better completion, {@code [P]}. */
    public int[] chosen() {
        return indices(Comparison.Preference::chosen);
    }

    /** Index of each pair's worse completion, {@code [P]}. */
    public int[] rejected() {
        return indices(Comparison.Preference::rejected);
    }

    /** How much better each pair's chosen completion is known to be, {@code [P]}. */
    public double[] margins() {
        return numbers(Comparison.Preference::margin);
    }

    /** How sure each pair's label is, {@code [P]}. */
    public double[] probabilities() {
        return numbers(Comparison.Preference::probability);
    }

    /** How much each pair counts, {@code [P]}. */
    public double[] weights() {
        return numbers(Comparison.Preference::weight);
    }

    private int[] indices(ToIntFunction<Comparison.Preference> part) {
        return pairs.stream().mapToInt(part).toArray();
    }

    private double[] numbers(ToDoubleFunction<Comparison.Preference> part) {
        return pairs.stream().mapToDouble(part).toArray();
    }
}
