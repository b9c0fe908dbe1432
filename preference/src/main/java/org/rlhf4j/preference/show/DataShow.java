package org.rlhf4j.preference.show;

import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.check.RowScan;
import org.rlhf4j.preference.format.Excerpt;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/**
 * Lays out rows of files for people, one after the other, in bounded memory. Rows that cannot be read are shown with the
 * reason.
 *
 * @param options how the rows are understood
 * @param first the number of the first row of each file that is shown, from 1
 * @param last the number of the last one
 * @param limit how many rows are shown, of all files together
 * @param problemsOnly whether only rows that break a rule are shown; the rules of single rows, since what repeats or
 *     contradicts is not known before the last row
 */
public record DataShow(ReadOptions options, long first, long last, long limit, boolean problemsOnly) {
    /** Receives what is shown. */
    @FunctionalInterface
    public interface Page {
        /**
         * Takes the next row.
         *
         * @param row the row
         * @return whether there is room for more
         */
        boolean add(RowView row);
    }

    /**
     * What was shown.
     *
     * @param shown how many rows
     * @param more whether rows that should have been shown are left
     */
    public record Shown(long shown, boolean more) {}

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if the range is empty or the limit not positive
     */
    public DataShow {
        if (first < 1 || last < first || limit < 1) {
            throw new IllegalArgumentException(
                    "rows " + first + " to " + last + ", at most " + limit + ": there is nothing to show");
        }
    }

    /**
     * Shows rows.
     *
     * @param sources the files
     * @param page where to
     * @return how many
     * @throws DataFormatException if a file cannot be opened, its format cannot be told, or it cannot be read up to the
     *     last row that is shown
     */
    public Shown show(List<DataSource> sources, Page page) {
        long shown = 0;
        for (DataSource source : sources) {
            try (RowScanner scanner = RowScanner.open(source, options)) {
                scanner.requireFormat();
                long number = 1;
                RowScanner.Scanned scanned = number > last ? null : scanner.next();
                while (scanned != null) {
                    List<RowView> views = number < first ? List.of() : views(scanned, number);
                    for (RowView view : views) {
                        if (shown == limit) {
                            return new Shown(shown, true);
                        }
                        shown++;
                        if (!page.add(view)) {
                            return new Shown(shown, true);
                        }
                    }
                    number += scanned.count();
                    scanned = number > last ? null : scanner.next();
                }
            }
        }
        return new Shown(shown, false);
    }

    private List<RowView> views(RowScanner.Scanned scanned, long number) {
        List<Problem> problems = RowScan.of(scanned);
        if (problemsOnly && problems.isEmpty()) {
            return List.of();
        }
        List<RowView> views = new ArrayList<>();
        for (Row row : scanned.parsed().rows()) {
            views.add(new RowView(
                    scanned.file(),
                    scanned.line(),
                    number,
                    kind(row),
                    RowViews.facts(row),
                    RowViews.prompt(row),
                    RowViews.panels(row),
                    "",
                    problems));
        }
        if (views.isEmpty()) {
            String excerpt =
                    scanned.nodes().isEmpty() ? "" : Excerpt.of(scanned.nodes().get(0));
            views.add(new RowView(
                    scanned.file(), scanned.line(), number, "", List.of(), List.of(), List.of(), excerpt, problems));
        }
        return views;
    }

    private static String kind(Row row) {
        String plural = row.kind().plural();
        return plural.endsWith("s") ? plural.substring(0, plural.length() - 1) : plural;
    }
}
