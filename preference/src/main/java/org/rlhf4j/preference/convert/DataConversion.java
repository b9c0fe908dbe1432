package org.rlhf4j.preference.convert;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.preference.PartialOrder;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.Ranking;
import org.rlhf4j.preference.RankingPairs;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.RowConversion;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.check.FieldTally;
import org.rlhf4j.preference.check.ProblemTally;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.format.ParsedRow;
import org.rlhf4j.preference.format.RowFormat;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/**
 * Rewrites rows of any format in the canonical form of their kind, one after the other.
 *
 * @param options how the rows are understood
 * @param to what rows become; null to leave them what they are
 * @param dropInvalid whether an invalid row is counted and left out; otherwise it ends the conversion
 */
public record DataConversion(ReadOptions options, @Nullable RowConversion<?> to, boolean dropInvalid) {
    /**
     * Converts.
     *
     * @param sources where the rows come from; all must give the same kind of row
     * @param out where they go; finished when this returns
     * @return what was done
     * @throws DataFormatException if a source cannot be read, its format cannot be told, its rows are of another kind than
     *     those before, a row is invalid and not to be dropped, or nothing is left to write
     * @throws IOException if a row cannot be written
     */
    public ConversionReport run(List<DataSource> sources, RowWriter out) throws IOException {
        Run run = new Run(out);
        for (DataSource source : sources) {
            run.convert(source);
        }
        out.finish();
        return run.report();
    }

    private record Prepared(Row row, @Nullable List<RowWriter.Line> lines) {}

    private final class Run {
        private final RowWriter out;
        private final List<FileSummary> files = new ArrayList<>();
        private final ProblemTally tally = new ProblemTally();
        private final FieldTally unused = new FieldTally();
        private Row.@Nullable Kind kind;
        private String file = "";
        private long rowsIn;
        private long rowsDropped;
        private long tiesDropped;
        private long rankingsWithoutPairs;

        Run(RowWriter out) {
            this.out = out;
        }

        void convert(DataSource source) throws IOException {
            try (RowScanner scanner = RowScanner.open(source, options)) {
                RowFormat format = scanner.requireFormat();
                requireKind(source.name(), format);
                long before = rowsIn;
                scanner.forEach(this::prepare, (row, prepared) -> {
                    rowsIn += row.count();
                    convert(row, prepared);
                });
                files.add(new FileSummary(
                        source.name(), scanner.container(), format.name(), scanner.evidence(), rowsIn - before));
            }
        }

        private void requireKind(String name, RowFormat format) {
            Row.Kind found = format.kind();
            if (to != null) {
                if (!to.takes(found)) {
                    throw new DataFormatException(
                            name,
                            0,
                            "holds " + found.plural() + ", which cannot become "
                                    + to.result().plural() + "; " + to.taken() + " can");
                }
                found = to.result();
            }
            if (kind != null && found != kind) {
                throw new DataFormatException(
                        name, 0, "holds " + found.plural() + ", but " + file + " holds " + kind.plural());
            }
            kind = found;
            file = name;
        }

        /** Makes a row ready to be written; a ranking may become very many, and has to wait for its turn. */
        private List<Prepared> prepare(RowScanner.Scanned scanned) {
            List<Prepared> prepared = new ArrayList<>();
            for (Row row : scanned.parsed().rows()) {
                boolean waits = to != null && (row instanceof Ranking || row instanceof PartialOrder);
                prepared.add(new Prepared(row, waits ? null : lines(converted(row))));
            }
            return prepared;
        }

        private List<? extends Row> converted(Row row) {
            return to == null ? List.of(row) : to.of(row);
        }

        private List<RowWriter.Line> lines(List<? extends Row> rows) {
            return rows.stream().map(row -> out.line(row.toJson())).toList();
        }

        private void convert(RowScanner.Scanned scanned, List<Prepared> rows) throws IOException {
            if (scanned.parsed().isRefused() && dropInvalid) {
                rowsDropped += scanned.count();
                tally.addAll(problems(scanned.parsed(), Rule.Severity.ERROR), files.size(), scanned);
                return;
            }
            scanned.requireValid();
            tally.addAll(problems(scanned.parsed(), Rule.Severity.NOTE), files.size(), scanned);
            unused.add(scanned.parsed().unused());
            for (Prepared row : rows) {
                write(row);
            }
        }

        private void write(Prepared prepared) throws IOException {
            if (prepared.lines() != null) {
                for (RowWriter.Line line : prepared.lines()) {
                    out.write(line);
                }
                return;
            }
            List<? extends Row> converted = converted(prepared.row());
            if (prepared.row() instanceof Ranking ranking && to instanceof RankingPairs pairs) {
                tiesDropped += pairs.droppedTies(ranking);
                rankingsWithoutPairs += converted.isEmpty() ? 1 : 0;
            }
            for (Row row : converted) {
                out.write(row.toJson());
            }
        }

        private static List<Problem> problems(ParsedRow parsed, Rule.Severity severity) {
            return parsed.problems().stream()
                    .filter(problem -> problem.rule().severity() == severity)
                    .toList();
        }

        ConversionReport report() {
            if (out.rows() == 0 || kind == null) {
                throw new DataFormatException(
                        file,
                        0,
                        "nothing to write: of " + rowsIn + " rows " + rowsDropped + " are invalid and "
                                + rankingsWithoutPairs + " gave no pair");
            }
            return new ConversionReport(
                    files,
                    kind,
                    out.rows(),
                    rowsDropped,
                    tally.findings(),
                    tiesDropped,
                    rankingsWithoutPairs,
                    unused.rows());
        }
    }
}
