package org.rlhf4j.preference.clean;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.digest.DigestSort;
import org.rlhf4j.preference.digest.RowKeys;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/**
 * Divides a file into rows to train on and rows to test on, so that no prompt is in both.
 *
 * <p>Prompts are put in the order of {@code SHA-256(seed, prompt)} and go to the test file one after the other while that
 * brings its size nearer to {@code fraction * rows}: the size is met to within half the rows of one prompt. A prompt that
 * alone has more rows than the test file should is trained on. The file is read twice; memory does not grow with it.
 *
 * @param fraction the share of the rows to test on, between 0 and 1
 * @param seed another seed, another choice; the same seed and rows, the same files, whatever the order of the rows
 */
public record DataSplit(double fraction, long seed) {
    /**
     * Checks the fraction.
     *
     * @throws IllegalArgumentException if it is not between 0 and 1
     */
    public DataSplit {
        if (!(fraction > 0 && fraction < 1)) {
            throw new IllegalArgumentException("the fraction is " + fraction + ", must be between 0 and 1");
        }
    }

    /** Which prompts are tested on: those up to a key, but for a few. */
    private record Choice(Digest last, Set<Digest> excepted, long testRows, long testPrompts, long prompts) {
        boolean tests(Digest key) {
            return key.compareTo(last) <= 0 && !excepted.contains(key);
        }
    }

    private record Prepared(boolean tested, RowWriter.Line line) {}

    /**
     * Splits. Rows are written as they were, in their order.
     *
     * @param file the file, whose rows must all be valid
     * @param options how its rows are understood
     * @param train where the rows to train on go; finished when this returns
     * @param test where the rows to test on go; finished when this returns
     * @return what was done
     * @throws DataFormatException if the file cannot be read, its format cannot be told, a row is invalid, or there are
     *     too few prompts to test on some and train on others
     * @throws IOException if a row cannot be written
     */
    public SplitReport run(Path file, ReadOptions options, RowWriter train, RowWriter test) throws IOException {
        Choice choice = choose(file, options);
        FileSummary summary;
        try (RowScanner scanner = RowScanner.open(new DataSource.File(file), options)) {
            String format = scanner.requireFormat().name();
            scanner.forEach(row -> prepare(row, choice, train), (row, prepared) -> {
                for (Prepared written : prepared) {
                    (written.tested() ? test : train).write(written.line());
                }
            });
            summary = new FileSummary(
                    file.toString(), scanner.container(), format, scanner.evidence(), train.rows() + test.rows());
        }
        train.finish();
        test.finish();
        if (test.rows() != choice.testRows()) {
            throw new DataFormatException(file.toString(), 0, "changed while it was read; split it again");
        }
        return new SplitReport(
                summary, train.rows(), test.rows(), choice.prompts() - choice.testPrompts(), choice.testPrompts());
    }

    private List<Prepared> prepare(RowScanner.Scanned scanned, Choice choice, RowWriter writer) {
        List<Row> rows = scanned.require();
        // One object, one row: it stays as it was. What one object of several rows said is taken apart.
        boolean alone = scanned.nodes().size() == 1 && rows.size() == 1;
        return rows.stream()
                .map(row -> new Prepared(
                        choice.tests(key(row)),
                        writer.line(alone ? scanned.nodes().get(0) : row.toJson())))
                .toList();
    }

    private List<Digest> keys(RowScanner.Scanned scanned) {
        return scanned.require().stream().map(this::key).toList();
    }

    private Choice choose(Path file, ReadOptions options) {
        try (RowScanner scanner = RowScanner.open(new DataSource.File(file), options);
                DigestSort sort = new DigestSort()) {
            scanner.requireFormat();
            scanner.forEach(this::keys, (row, keys) -> keys.forEach(key -> sort.add(key, 0)));
            long rows = sort.size();
            Chooser chooser = new Chooser(Math.round(fraction * rows));
            sort.forEach((first, key, value) -> chooser.row(first, key));
            chooser.endOfPrompt();
            Digest last = chooser.last;
            if (last == null || chooser.chosenRows == rows) {
                throw new DataFormatException(file.toString(), 0, tooFew(rows, chooser.prompts));
            }
            return new Choice(last, chooser.tooLarge, chooser.chosenRows, chooser.chosenPrompts, chooser.prompts);
        }
    }

    private String tooFew(long rows, long prompts) {
        return String.format(
                Locale.ROOT,
                "%d rows with %d different prompts cannot be split so that %s of the rows are tested on and no prompt is "
                        + "in both files; choose another fraction or add prompts",
                rows,
                prompts,
                fraction);
    }

    private Digest key(Row row) {
        return new Digest.Builder("split").add(seed).add(RowKeys.prompt(row)).build();
    }

    /** Takes prompts in the order of their keys. */
    private static final class Chooser {
        private final long target;
        private final Set<Digest> tooLarge = new HashSet<>();
        private @Nullable Digest last;
        private @Nullable Digest current;
        private long currentRows;
        private long chosenRows;
        private long chosenPrompts;
        private long prompts;
        private boolean full;

        Chooser(long target) {
            this.target = target;
        }

        void row(boolean first, Digest key) {
            if (first) {
                endOfPrompt();
                current = key;
                currentRows = 0;
                prompts++;
            }
            currentRows++;
        }

        void endOfPrompt() {
            if (current == null || full) {
                return;
            }
            if (currentRows > target) {
                tooLarge.add(current);
            } else if (chosenRows + currentRows - target <= target - chosenRows) {
                chosenRows += currentRows;
                chosenPrompts++;
                last = current;
            } else {
                full = true;
            }
            // The last prompt is told twice when the caller ends what it began.
            current = null;
        }
    }
}
