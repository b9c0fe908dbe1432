package org.rlhf4j.preference.convert;

import java.util.BitSet;
import java.util.List;
import org.rlhf4j.base.SeededStream;

/**
 * How rows of several sources are mixed, as {@code datasets.interleave_datasets} does it with probabilities: which source
 * the next row comes from is drawn each time, and the rows of one source stay in their order.
 *
 * @param weights how likely each source is drawn, in proportion to the others; positive
 * @param until when it ends
 * @param seed another seed, another order; the same seed and sources, the same rows
 */
public record Mixing(List<Double> weights, Until until, long seed) {
    /** When mixing ends. No row is written twice. */
    public enum Until {
        /**
         * With the last row of the source that ends first, so that the proportions hold to the end; rows of the others are
         * left over. {@code first_exhausted} in {@code datasets}.
         */
        FIRST,
        /**
         * With the last row of all; a source that has ended is not drawn any more, and the others keep their proportions.
         * {@code all_exhausted_without_replacement} in {@code datasets}.
         */
        ALL
    }

    /**
     * Copies the list and checks the weights.
     *
     * @throws IllegalArgumentException if there are fewer than two, or one is not positive and finite
     */
    public Mixing {
        weights = List.copyOf(weights);
        if (weights.size() < 2) {
            throw new IllegalArgumentException("mixing needs at least two weights");
        }
        for (double weight : weights) {
            if (!(weight > 0 && Double.isFinite(weight))) {
                throw new IllegalArgumentException("the weight " + weight + " must be positive and finite");
            }
        }
    }

    /** The numbers that a mixture is drawn with. */
    SeededStream stream() {
        return SeededStream.of(seed, "mix");
    }

    /** The source that the next row comes from: i with the probability w[i] / sum of w, among those that have not ended. */
    int draw(SeededStream random, BitSet ended) {
        double sum = 0;
        for (int i = 0; i < weights.size(); i++) {
            sum += ended.get(i) ? 0 : weights.get(i);
        }
        double left = random.nextDouble() * sum;
        int last = -1;
        for (int i = ended.nextClearBit(0); i < weights.size(); i = ended.nextClearBit(i + 1)) {
            last = i;
            left -= weights.get(i);
            if (left < 0) {
                break;
            }
        }
        return last;
    }

    /** Whether to stop, given which sources have ended. */
    boolean isOver(BitSet ended) {
        return until == Until.FIRST ? !ended.isEmpty() : ended.cardinality() == weights.size();
    }
}
