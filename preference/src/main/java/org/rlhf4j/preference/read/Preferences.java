package org.rlhf4j.preference.read;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.CompletionChoice;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.RankingPairs;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.RowConversion;
import org.rlhf4j.preference.TiePolicy;

/**
 * Opens preference data of any container and {@link RowFormat}.
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
        return read(new DataSource.File(file), ReadOptions.DETECT);
    }

    /**
     * Opens a file of a known format.
     *
     * @param file the file
     * @param options how its rows are understood, as in {@code ReadOptions.of("hh-rlhf")}
     * @return its rows, to be closed
     */
    public static Rows<Row> read(Path file, ReadOptions options) {
        return read(new DataSource.File(file), options);
    }

    /**
     * Opens a file or stream.
     *
     * @param source where the rows come from
     * @param options how they are understood
     * @return the rows, to be closed
     */
    public static Rows<Row> read(DataSource source, ReadOptions options) {
        return rows(source, options, row -> row.require());
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
        return readPairs(new DataSource.File(file), ReadOptions.DETECT, new RankingPairs(strategy, ties));
    }

    /**
     * Opens a file or stream of pairs or rankings.
     *
     * @param source where the rows come from
     * @param options how they are understood
     * @param rankings how rankings become pairs
     * @return the pairs, to be closed; those of one ranking have the same place
     */
    public static Rows<PreferencePair> readPairs(DataSource source, ReadOptions options, RankingPairs rankings) {
        return read(source, options, rankings);
    }

    /**
     * Opens a file of demonstrations, or of pairs or rankings whose completions are taken for demonstrations.
     *
     * @param file the file
     * @param completions which completions of a pair or ranking are taken
     * @return the demonstrations, to be closed; those of one row have the same place
     */
    public static Rows<Demonstration> readDemonstrations(Path file, CompletionChoice completions) {
        return read(new DataSource.File(file), ReadOptions.DETECT, completions);
    }

    private static <T extends Row> Rows<T> read(DataSource source, ReadOptions options, RowConversion<T> conversion) {
        return rows(source, options, row -> {
            List<T> converted = new ArrayList<>();
            for (Row typed : row.require()) {
                if (!conversion.takes(typed.kind())) {
                    throw wrongKind(row, typed, conversion.taken() + " are needed");
                }
                converted.addAll(conversion.of(typed));
            }
            return converted;
        });
    }

    /**
     * Opens a file of rankings.
     *
     * @param file the file
     * @return the rankings, to be closed
     */
    public static Rows<Ranking> readRankings(Path file) {
        return rows(new DataSource.File(file), ReadOptions.DETECT, row -> {
            List<Ranking> rankings = new ArrayList<>();
            for (Row typed : row.require()) {
                if (!(typed instanceof Ranking ranking)) {
                    throw wrongKind(row, typed, "rankings are needed");
                }
                rankings.add(ranking);
            }
            return rankings;
        });
    }

    private static <T> Rows<T> rows(
            DataSource source, ReadOptions options, Function<RowScanner.Scanned, List<T>> convert) {
        RowScanner scanner = RowScanner.open(source, options);
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
