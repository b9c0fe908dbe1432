package org.rlhf4j.preference.check;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.digest.Digest;
import org.rlhf4j.preference.digest.DigestSort;
import org.rlhf4j.preference.digest.Place;
import org.rlhf4j.preference.digest.RowKeys;
import org.rlhf4j.preference.format.RowFormat;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/**
 * Reads files once and finds everything that is wrong with them, in bounded memory however large they are: each rule
 * with its count and first places, whatever the order of the rows.
 *
 * <p>Repeated rows, repeated ids, contradictions and prompts shared between files are found by sorting 128-bit digests,
 * which spill to temporary files: about 50 bytes of disk a pair, and 24 more for every two completions of a ranking.
 */
public final class DataCheck implements AutoCloseable {
    private static final String UNKNOWN = "unknown";
    private static final int PREFERS_FIRST = 0;
    private static final int PREFERS_SECOND = 1;

    private final List<DataSource> sources;
    private final ReadOptions options;
    private final ProblemTally tally = new ProblemTally();
    private final FieldTally unused = new FieldTally();
    private final DigestSort rows = new DigestSort();
    private final DigestSort orders = new DigestSort();
    private final DigestSort ids = new DigestSort();
    private final DigestSort prompts = new DigestSort();

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
        findContradictions();
        findSharedPrompts();
        long total = files.stream().mapToLong(FileSummary::rows).sum();
        return new CheckReport(total, files, tally.findings(), unused.rows());
    }

    private FileSummary checkFile(int index, DataSource source) {
        long count = 0;
        try (RowScanner scanner = RowScanner.open(source, options)) {
            DataFormatException formatProblem = scanner.formatProblem();
            if (scanner.isEmpty()) {
                note(Rule.NO_ROWS, index, 0, () -> Rule.NO_ROWS.meaning());
            } else if (formatProblem != null) {
                note(Rule.UNKNOWN_FORMAT, index, formatProblem.line(), formatProblem::reason);
            }
            try {
                for (RowScanner.Scanned row = scanner.next(); row != null; row = scanner.next()) {
                    count += row.count();
                    checkRow(index, row);
                }
            } catch (DataFormatException e) {
                note(Rule.UNREADABLE, index, e.line(), e::reason);
            }
            RowFormat format = scanner.format();
            return new FileSummary(
                    source.name(),
                    scanner.container(),
                    format == null ? UNKNOWN : format.name(),
                    scanner.evidence(),
                    count);
        } catch (DataFormatException e) {
            if (!isThere(source)) {
                throw e;
            }
            note(Rule.UNREADABLE, index, e.line(), e::reason);
            return new FileSummary(source.name(), "", UNKNOWN, "", count);
        }
    }

    /** Whether it is the content that cannot be read, and not the file. */
    private static boolean isThere(DataSource source) {
        return !(source instanceof DataSource.File file)
                || (Files.isReadable(file.path()) && !Files.isDirectory(file.path()));
    }

    private void checkRow(int file, RowScanner.Scanned scanned) {
        tally.addAll(scanned.parsed().problems(), file, scanned);
        unused.add(scanned.parsed().unused());
        List<String> names = scanned.parsed().unused().stream().distinct().toList();
        tally.addAll(
                names.stream()
                        .map(name -> new Problem(Rule.UNUSED_FIELD, "field \"" + name + "\" is not used"))
                        .toList(),
                file,
                scanned);
        for (Row row : scanned.parsed().rows()) {
            checkRow(file, scanned, row);
        }
    }

    private void checkRow(int file, RowScanner.Scanned scanned, Row row) {
        long place = Place.pack(file, scanned.line(), 0);
        Digest prompt = RowKeys.prompt(row);
        rows.add(RowKeys.row(row, prompt), place);
        if (sources.size() > 1) {
            prompts.add(prompt, place);
        }
        if (row.origin().id() != null) {
            ids.add(new Digest.Builder("id").add(row.origin().id()).build(), place);
        }
        if (row instanceof PreferencePair pair) {
            addOrder(file, scanned.line(), prompt, pair);
        } else if (row instanceof Ranking ranking) {
            addOrders(file, scanned.line(), prompt, RowKeys.levels(ranking));
        } else if (row instanceof PartialOrder order) {
            List<Digest> texts = RowKeys.texts(order);
            for (PartialOrder.Implied pair : order.closure()) {
                addOrder(file, scanned.line(), prompt, texts.get(pair.better()), texts.get(pair.worse()));
            }
        }
    }

    private void addOrder(int file, long line, Digest prompt, PreferencePair pair) {
        Double probability = pair.probability();
        if (pair.isTie()) {
            return;
        }
        Digest chosen = Digest.of(pair.chosen());
        Digest rejected = Digest.of(pair.rejected());
        boolean asWritten = probability == null || probability > 0.5;
        addOrder(file, line, prompt, asWritten ? chosen : rejected, asWritten ? rejected : chosen);
    }

    private void addOrders(int file, long line, Digest prompt, List<List<Digest>> levels) {
        for (int i = 0; i < levels.size(); i++) {
            for (int j = i + 1; j < levels.size(); j++) {
                for (Digest better : levels.get(i)) {
                    for (Digest worse : levels.get(j)) {
                        addOrder(file, line, prompt, better, worse);
                    }
                }
            }
        }
    }

    private void addOrder(int file, long line, Digest prompt, Digest better, Digest worse) {
        int mark = better.compareTo(worse) <= 0 ? PREFERS_FIRST : PREFERS_SECOND;
        orders.add(RowKeys.unordered(prompt, better, worse), Place.pack(file, line, mark));
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

    /** One contradiction for two completions of a prompt, however many rows say either. */
    private void findContradictions() {
        long[] earlier = new long[1];
        boolean[] reported = new boolean[1];
        orders.forEach((first, digest, place) -> {
            if (first) {
                earlier[0] = place;
                reported[0] = false;
            } else if (!reported[0] && Place.mark(place) != Place.mark(earlier[0])) {
                long original = earlier[0];
                reported[0] = true;
                note(Rule.CONTRADICTION, place, () -> "prefers what is rejected at " + name(original));
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
            } else if (!reported[0] && Place.file(place) != Place.file(earlier[0])) {
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
                () -> new Finding.Example(sources.get(file).name(), line, detail.get(), ""));
    }

    private String name(long place) {
        return sources.get(Place.file(place)).name() + ":" + Place.line(place);
    }

    @Override
    public void close() {
        rows.close();
        orders.close();
        ids.close();
        prompts.close();
    }
}
