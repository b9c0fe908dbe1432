package org.rlhf4j.preference;

import java.util.stream.Stream;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.NearestName;

/**
 * Which completions of a ranking are compared.
 *
 * <p>A ranking is a sequence of levels, best first; the completions of one level are tied. A strategy selects pairs of
 * levels {@code better <= worse}: every completion of the one is paired with every completion of the other. A level
 * selected with itself gives its tied pairs, which {@link TiePolicy} keeps or drops. Without ties a ranking of k gives
 * the counts named below.
 */
public enum PairStrategy {
    /** Every two completions: k(k-1)/2 pairs. */
    ALL("all"),
    /** Each level with the next one: k-1 pairs, from which transitivity gives the rest. */
    ADJACENT("adjacent"),
    /** The best level with every one below: k-1 pairs. */
    BEST_VS_REST("best-vs-rest"),
    /** The best level with the worst: one pair, the surest. */
    BEST_VS_WORST("best-vs-worst");

    private final String label;

    PairStrategy(String label) {
        this.label = label;
    }

    /** The name on the command line. */
    public String label() {
        return label;
    }

    /**
     * The strategy of a name.
     *
     * @param label such as {@code best-vs-rest}
     * @return the strategy
     * @throws DataFormatException if there is none; the message has the nearest name and all known ones
     */
    public static PairStrategy named(String label) {
        for (PairStrategy strategy : values()) {
            if (strategy.label.equals(label)) {
                return strategy;
            }
        }
        throw new DataFormatException(NearestName.unknown(
                "pair strategy",
                label,
                Stream.of(values()).map(PairStrategy::label).toList()));
    }

    /**
     * Whether two levels are compared.
     *
     * @param better the better level, from 0
     * @param worse the worse level, or the same one
     * @param last the last level of the ranking
     */
    boolean selects(int better, int worse, int last) {
        return switch (this) {
            case ALL -> true;
            case ADJACENT -> worse - better <= 1;
            case BEST_VS_REST -> better == 0;
            case BEST_VS_WORST -> better == 0 && worse == last;
        };
    }
}
