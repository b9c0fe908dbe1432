package org.rlhf4j.preference;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How rows of several kinds become rows of one kind.
 *
 * @param <T> what they become
 */
public sealed interface RowConversion<T extends Row> permits RankingPairs, CompletionChoice {
    /** What rows become. */
    Row.Kind result();

    /** Whether rows of a kind can become that. */
    boolean takes(Row.Kind kind);

    /**
     * Converts a row.
     *
     * @param row of a kind that is taken
     * @return what it gives, which may be nothing; a row that is of the resulting kind already stays as it is
     * @throws IllegalArgumentException if the kind is not taken
     */
    List<T> of(Row row);

    /** The kinds that are taken, as in {@code pairs or rankings}. */
    default String taken() {
        String kinds = Arrays.stream(Row.Kind.values())
                .filter(this::takes)
                .map(Row.Kind::plural)
                .collect(Collectors.joining(", "));
        int last = kinds.lastIndexOf(", ");
        return last < 0 ? kinds : kinds.substring(0, last) + " or " + kinds.substring(last + 2);
    }
}
