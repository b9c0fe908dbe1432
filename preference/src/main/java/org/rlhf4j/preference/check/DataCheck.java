package org.rlhf4j.preference.check;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.digest.DigestSort;
import org.rlhf4j.preference.digest.Place;
import org.rlhf4j.preference.digest.RowKeys;
import org.rlhf4j.preference.digest.RowOrders;
import org.rlhf4j.preference.format.RowFormat;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/**
 * Reads files once and finds everything that is wrong with them, in bounded memory however large they are: each rule
 * with its count and first places, whatever the order of the rows.
 *
 * <p>Repeated rows, repeated ids, contradictions, cycles and prompts shared between files are found by sorting 128-bit digests,
 * which spill to temporary files: about 70 bytes of disk a pair, and 40 more for every two completions of a ranking.
 */
public final class DataCheck implements AutoCloseable {
    private static final String UNKNOWN = "unknown";

    private final List<DataSource> sources;
    private final ReadOptions options;
    private final List<PlaceFile> placeFiles = new ArrayList<>();
    private final ProblemTally tally = new ProblemTally();
    private final FieldTally unused = new FieldTally();
    private final DigestSort rows = new DigestSort();
    private final OrderCycles orders = new OrderCycles();
    private final DigestSort ids = new DigestSort();
    private final DigestSort prompts = new DigestSort();

    /** A file that rows stand in: of a joined source each of its parts, and what is wrong with the whole has its own name. */
    private record PlaceFile(int source, String name) {}

    private DataCheck(List<DataSource> sources, ReadOptions options) {
        this.sources = List.copyOf(sources);
        this.options = options;
    }

    /**
     * Checks files together: what repeats or contradicts counts across all of them.
     *
     * @param sources the files
     * @param options how their rows are understood
     * @return the report
     * @throws DataFormatException if a file cannot be opened; bad content is in the report instead
     */
    public static CheckReport check(List<DataSource> sources, ReadOptions options) {
        try (DataCheck check = new DataCheck(sources, options)) {
            return check.run();
        }
    }

    private CheckReport run() {
        List<FileSummary> files = new ArrayList<>();
        for (DataSource source : sources) {
            files.add(checkFile(files.size(), source));
        }
        findRepeated(rows, Rule.DUPLICATE_ROW, "the same row as ");
        findRepeated(ids, Rule.REPEATED_ID, "the same id as ");
        orders.find((rule, place, detail) -> note(rule, place, () -> detail.of(this::name)));
        findSharedPrompts();
        long total = files.stream().mapToLong(FileSummary::rows).sum();
        return new CheckReport(total, files, tally.findings(), unused.rows());
    }

    /** The index of a file of the source that is being read; the parts of one source come one after the other. */
    private int place(int source, String name) {
        int last = placeFiles.size() - 1;
        PlaceFile file = new PlaceFile(source, name);
        if (last < 0 || !placeFiles.get(last).equals(file)) {
            placeFiles.add(file);
        }
        return placeFiles.size() - 1;
    }

    private FileSummary checkFile(int number, DataSource source) {
        int index = place(number, source.name());
        long[] count = new long[1];
        FileScan whole = new FileScan();
        try (RowScanner scanner = RowScanner.open(source, options)) {
            DataFormatException formatProblem = scanner.formatProblem();
            if (scanner.isEmpty()) {
                note(Rule.NO_ROWS, index, 0, () -> Rule.NO_ROWS.meaning());
            } else if (formatProblem != null) {
                note(Rule.UNKNOWN_FORMAT, place(number, formatProblem), formatProblem.line(), formatProblem::reason);
            }
            try {
                scanner.forEach(DataCheck::prepare, (row, prepared) -> {
                    count[0] += row.count();
                    checkRow(place(number, row.file()), row, prepared, whole);
                });
            } catch (DataFormatException e) {
                note(Rule.UNREADABLE, place(number, e), e.line(), e::reason);
            }
            whole.problems().forEach(problem -> note(problem.rule(), index, 0, problem::detail));
            RowFormat format = scanner.format();
            return new FileSummary(
                    source.name(),
                    scanner.container(),
                    format == null ? UNKNOWN : format.name(),
                    scanner.evidence(),
                    count[0]);
        } catch (DataFormatException e) {
            if (!isThere(source)) {
                throw e;
            }
            note(Rule.UNREADABLE, place(number, e), e.line(), e::reason);
            return new FileSummary(source.name(), "", UNKNOWN, "", count[0]);
        }
    }

    private int place(int source, DataFormatException e) {
        return place(source, e.file().isEmpty() ? sources.get(source).name() : e.file());
    }

    /** Whether it is the content that cannot be read, and not the file. */
    private static boolean isThere(DataSource source) {
        return !(source instanceof DataSource.File file)
                || (Files.isReadable(file.path()) && !Files.isDirectory(file.path()));
    }

    /** What is known of an object of the data for itself, which any thread may find out. */
    private record Prepared(List<Problem> problems, List<PreparedRow> rows) {}

    private record PreparedRow(
            Row row, RowKeys keys, @Nullable Digest id) {}

    private static Prepared prepare(RowScanner.Scanned scanned) {
        return new Prepared(
                RowScan.of(scanned),
                scanned.parsed().rows().stream()
                        .map(row -> new PreparedRow(
                                row, RowKeys.of(row), id(row.origin().id())))
                        .toList());
    }

    private static @Nullable Digest id(@Nullable String name) {
        return name == null ? null : new Digest.Builder("id").add(name).build();
    }

    private void checkRow(int file, RowScanner.Scanned scanned, Prepared prepared, FileScan whole) {
        tally.addAll(prepared.problems(), file, scanned);
        unused.add(scanned.parsed().unused());
        for (PreparedRow row : prepared.rows()) {
            whole.add(row.row());
            checkRow(file, scanned.line(), row);
        }
    }

    private void checkRow(int file, long line, PreparedRow prepared) {
        long place = Place.pack(file, line, 0);
        RowKeys keys = prepared.keys();
        rows.add(keys.row(), place);
        if (sources.size() > 1) {
            prompts.add(keys.prompt(), place);
        }
        if (prepared.id() != null) {
            ids.add(prepared.id(), place);
        }
        RowOrders.forEach(prepared.row(), (better, worse) -> addOrder(file, line, prepared, better, worse));
    }

    /** Two completions of a row, by their indices among its texts. */
    private void addOrder(int file, long line, PreparedRow row, int better, int worse) {
        orders.add(
                row.keys().prompt(),
                row.keys().texts().get(better),
                row.keys().texts().get(worse),
                row.row().origin().annotator(),
                file,
                line);
    }

    private void findRepeated(DigestSort sort, Rule rule, String what) {
        long[] earlier = new long[1];
        sort.forEach((first, digest, place) -> {
            if (first) {
                earlier[0] = place;
            } else {
                long original = earlier[0];
                note(rule, place, () -> what + name(original));
            }
        });
    }

    /** One overlap a prompt, however many rows have it. */
    private void findSharedPrompts() {
        long[] earlier = new long[1];
        boolean[] reported = new boolean[1];
        prompts.forEach((first, digest, place) -> {
            if (first) {
                earlier[0] = place;
                reported[0] = false;
            } else if (!reported[0] && source(place) != source(earlier[0])) {
                long original = earlier[0];
                reported[0] = true;
                note(Rule.PROMPT_OVERLAP, place, () -> "the same prompt as " + name(original));
            }
        });
    }

    private void note(Rule rule, long place, Supplier<String> detail) {
        note(rule, Place.file(place), Place.line(place), detail);
    }

    private void note(Rule rule, int file, long line, Supplier<String> detail) {
        tally.add(
                rule,
                Place.pack(file, line, 0),
                () -> new Finding.Example(placeFiles.get(file).name(), line, detail.get(), ""));
    }

    private String name(long place) {
        return placeFiles.get(Place.file(place)).name() + ":" + Place.line(place);
    }

    private int source(long place) {
        return placeFiles.get(Place.file(place)).source();
    }

    @Override
    public void close() {
        rows.close();
        orders.close();
        ids.close();
        prompts.close();
    }
}
