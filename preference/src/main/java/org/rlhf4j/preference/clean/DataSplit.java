package org.rlhf4j.preference.clean;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/**
 * Divides files into rows to train on, rows to test on and, if wanted, rows to validate on, so that no prompt is in two of
 * them. Prompts are the same when they open alike: a conversation counts up to the assistant's first turn, so that the
 * same conversation cut off later or earlier stays together.
 *
 * <p>Prompts are put in the order of {@code SHA-256(seed, prompt)} and go to the test file one after the other while that
 * brings its size nearer to its fraction of the rows, then to the validation file: each size is met to within half the
 * rows of one prompt. A prompt that alone has more rows than the file should is trained on. The files are read twice;
 * memory does not grow with them, but with near duplicates 28 bytes a row.
 *
 * @param testFraction the share of the rows to test on, above 0
 * @param validFraction the share of the rows to validate on; 0 for none
 * @param seed another seed, another choice; the same seed and rows, the same files, whatever the order of the rows
 * @param near when prompts are so nearly the same that they stay together; null where only the same ones do
 */
public record DataSplit(
        double testFraction,
        double validFraction,
        long seed,
        @Nullable NearSettings near) {
    /**
     * Checks the fractions.
     *
     * @throws IllegalArgumentException if they are out of range, or leave nothing to train on
     */
    public DataSplit {
        if (!(testFraction > 0 && testFraction < 1)) {
            throw new IllegalArgumentException("the fraction is " + testFraction + ", must be between 0 and 1");
        }
        if (!(validFraction >= 0 && testFraction + validFraction < 1)) {
            throw new IllegalArgumentException("the fractions are " + testFraction + " to test on and " + validFraction
                    + " to validate on, must leave something to train on");
        }
    }

    /** Two parts by the same prompts alone. */
    public DataSplit(double testFraction, long seed) {
        this(testFraction, 0, seed, null);
    }

    /**
     * Where the rows go.
     *
     * @param train those to train on
     * @param valid those to validate on; null when there are none
     * @param test those to test on
     */
    public record Parts(RowWriter train, @Nullable RowWriter valid, RowWriter test) {}

    /**
     * Splits. Rows are written as they were, in their order.
     *
     * @param sources the files, all of one format, whose rows must all be valid; each is read twice
     * @param options how their rows are understood
     * @param parts where the rows go; finished when this returns
     * @return what was done
     * @throws DataFormatException if a file cannot be read, its format cannot be told or is another one, a row is invalid,
     *     rows of one object have different prompts (and near duplicates do not stay together), or there are too few
     *     prompts to divide
     * @throws IOException if a row cannot be written
     */
    public SplitReport run(List<DataSource> sources, ReadOptions options, Parts parts) throws IOException {
        if ((parts.valid() == null) != (validFraction == 0)) {
            throw new IllegalArgumentException("rows to validate on need a fraction and a place");
        }
        try (PromptGroups groups = new PromptGroups(seed, near)) {
            long rows = look(sources, options, groups);
            SplitChoice choice = new SplitChoice(
                    validFraction == 0
                            ? List.of(Math.round(testFraction * rows))
                            : List.of(Math.round(testFraction * rows), Math.round(validFraction * rows)));
            groups.forEach((first, key, number) -> choice.row(first, key));
            choice.endOfGroup();
            if (!choice.isComplete()) {
                throw new DataFormatException(sources.get(0).name(), 0, tooFew(choice));
            }
            List<FileSummary> files = write(sources, options, groups, choice, parts);
            SplitReport.Part valid = parts.valid() == null ? null : choice.part(1);
            return new SplitReport(files, choice.train(), valid, choice.part(0));
        }
    }

    private static long look(List<DataSource> sources, ReadOptions options, PromptGroups groups) {
        long[] rows = new long[1];
        String format = "";
        for (DataSource source : sources) {
            try (RowScanner scanner = RowScanner.open(source, options)) {
                String found = scanner.requireFormat().name();
                if (!format.isEmpty() && !found.equals(format)) {
                    throw new DataFormatException(
                            source.name(), 0, "is of the format " + found + ", but the files before it of " + format);
                }
                format = found;
                scanner.forEach(object -> groups.openings(object.require()), (object, openings) -> {
                    rows[0] += openings.size();
                    if (!groups.add(openings)) {
                        throw new DataFormatException(
                                object.file(),
                                object.line(),
                                "one object gives rows of different prompts, which must stay together with all that have"
                                        + " one of them: split with near duplicates together");
                    }
                });
            }
        }
        if (rows[0] > Integer.MAX_VALUE) {
            throw new DataFormatException("more than " + Integer.MAX_VALUE + " rows cannot be split at once");
        }
        return rows[0];
    }

    private static List<FileSummary> write(
            List<DataSource> sources, ReadOptions options, PromptGroups groups, SplitChoice choice, Parts parts)
            throws IOException {
        List<FileSummary> files = new ArrayList<>();
        int[] number = new int[1];
        for (DataSource source : sources) {
            long[] objects = new long[1];
            try (RowScanner scanner = RowScanner.open(source, options)) {
                String format = scanner.requireFormat().name();
                scanner.forEach(object -> prepare(object, parts.train()), (object, prepared) -> {
                    objects[0] += object.count();
                    for (Prepared row : prepared) {
                        Digest key = groups.key(number[0]++, row.opening());
                        writer(choice.part(key), parts).write(row.line());
                    }
                });
                files.add(new FileSummary(source.name(), scanner.container(), format, scanner.evidence(), objects[0]));
            }
        }
        finish(parts.train(), choice.train(), sources);
        finish(parts.test(), choice.part(0), sources);
        if (parts.valid() != null) {
            finish(parts.valid(), choice.part(1), sources);
        }
        return files;
    }

    private record Prepared(Digest opening, RowWriter.Line line) {}

    private static List<Prepared> prepare(RowScanner.Scanned object, RowWriter writer) {
        List<Row> rows = object.require();
        // One object, one row: it stays as it was. What one object of several rows said is taken apart.
        boolean alone = object.nodes().size() == 1 && rows.size() == 1;
        return rows.stream()
                .map(row -> new Prepared(
                        PromptGroups.digest(row),
                        writer.line(alone ? object.nodes().get(0) : row.toJson())))
                .toList();
    }

    private static RowWriter writer(int part, Parts parts) {
        RowWriter valid = parts.valid();
        if (part == SplitChoice.TRAIN) {
            return parts.train();
        }
        return part == 0 || valid == null ? parts.test() : valid;
    }

    private static void finish(RowWriter rows, SplitReport.Part expected, List<DataSource> sources) throws IOException {
        rows.finish();
        if (rows.rows() != expected.rows()) {
            throw new DataFormatException(sources.get(0).name(), 0, "changed while it was read; split it again");
        }
    }

    private String tooFew(SplitChoice choice) {
        return String.format(
                Locale.ROOT,
                "%d rows with %d different prompts cannot be split so that %s of the rows are tested on%s and no prompt is "
                        + "in two files; choose another fraction or add prompts",
                choice.rows(),
                choice.groups(),
                testFraction,
                validFraction == 0 ? "" : ", " + validFraction + " validated on");
    }
}
