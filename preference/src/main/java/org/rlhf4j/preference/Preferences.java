package org.rlhf4j.preference;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;

/**
 * Opens preference data: JSON Lines or a JSON array, plain or gzip, in any {@link RowFormat}.
 *
 * <pre>{@code
 * try (Rows<PreferencePair> pairs = Preferences.readPairs(path, PairStrategy.ALL, TiePolicy.KEEP)) {
 *     while (pairs.hasNext()) {
 *         Located<PreferencePair> row = pairs.next();
 *         System.out.println(row.place() + " prefers " + row.value().chosen());
 *     }
 * }
 * }</pre>
 *
 * <p>Rows are read as they are asked for, in constant memory. Every method throws {@link DataFormatException} if the
 * file cannot be read, its format cannot be told, or it holds no rows; {@link Rows} throws it for an invalid row.
 */
public final class Preferences {
    private Preferences() {}

    /**
     * Opens a file of any format.
     *
     * @param file the file
     * @return its rows, to be closed
     */
    public static Rows<Row> read(Path file) {
        return read(new DataSource.File(file), null);
    }

    /**
     * Opens a file of a known format.
     *
     * @param file the file
     * @param format what its rows look like, as in {@code RowFormat.named("hh-rlhf")}
     * @return its rows, to be closed
     */
    public static Rows<Row> read(Path file, RowFormat format) {
        return read(new DataSource.File(file), format);
    }

    /**
     * Opens a file or stream.
     *
     * @param source where the rows come from
     * @param format what they look like; null to detect it
     * @return the rows, to be closed
     */
    public static Rows<Row> read(DataSource source, @Nullable RowFormat format) {
        return rows(source, format, row -> List.of(row.require()));
    }

    /**
     * Opens a file of pairs or rankings; rankings are turned into pairs that count 1 each.
     *
     * @param file the file
     * @param strategy which completions of a ranking are compared
     * @param ties what becomes of completions of equal rank
     * @return the pairs, to be closed; those of one ranking have the same place
     */
    public static Rows<PreferencePair> readPairs(Path file, PairStrategy strategy, TiePolicy ties) {
        return readPairs(new DataSource.File(file), null, new RankingPairs(strategy, ties));
    }

    /**
     * Opens a file or stream of pairs or rankings.
     *
     * @param source where the rows come from
     * @param format what they look like; null to detect it
     * @param rankings how rankings become pairs
     * @return the pairs, to be closed; those of one ranking have the same place
     */
    public static Rows<PreferencePair> readPairs(DataSource source, @Nullable RowFormat format, RankingPairs rankings) {
        return read(source, format, rankings);
    }

    /**
     * Opens a file of demonstrations, or of pairs or rankings whose completions are taken for demonstrations.
     *
     * @param file the file
     * @param completions which completions of a pair or ranking are taken
     * @return the demonstrations, to be closed; those of one row have the same place
     */
    public static Rows<Demonstration> readDemonstrations(Path file, CompletionChoice completions) {
        return read(new DataSource.File(file), null, completions);
    }

    private static <T extends Row> Rows<T> read(
            DataSource source, @Nullable RowFormat format, RowConversion<T> conversion) {
        return rows(source, format, row -> {
            Row typed = row.require();
            if (!conversion.takes(typed.kind())) {
                throw wrongKind(row, typed, conversion.taken() + " are needed");
            }
            return conversion.of(typed);
        });
    }

    /**
     * Opens a file of rankings.
     *
     * @param file the file
     * @return the rankings, to be closed
     */
    public static Rows<Ranking> readRankings(Path file) {
        return rows(new DataSource.File(file), null, row -> {
            Row typed = row.require();
            if (typed instanceof Ranking ranking) {
                return List.of(ranking);
            }
            throw wrongKind(row, typed, "rankings are needed");
        });
    }

    private static <T> Rows<T> rows(
            DataSource source, @Nullable RowFormat format, Function<RowScanner.Scanned, List<T>> convert) {
        RowScanner scanner = RowScanner.open(source, format);
        try {
            return new Rows<>(scanner, convert);
        } catch (DataFormatException e) {
            scanner.close();
            throw e;
        }
    }

    private static DataFormatException wrongKind(RowScanner.Scanned row, Row typed, String needed) {
        String reason = needed + ", but this file holds " + typed.kind().plural();
        return new DataFormatException(row.file(), row.line(), reason);
    }
}
