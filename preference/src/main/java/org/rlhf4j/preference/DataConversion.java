package org.rlhf4j.preference;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;

/**
 * Rewrites rows of any format in the canonical form of their kind, one after the other.
 *
 * @param from what the rows look like; null to detect it for each source
 * @param to what rows become; null to leave them what they are
 * @param dropInvalid whether an invalid row is counted and left out; otherwise it ends the conversion
 */
public record DataConversion(
        @Nullable RowFormat from, @Nullable RowConversion<?> to, boolean dropInvalid) {
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
            try (RowScanner scanner = RowScanner.open(source, from)) {
                RowFormat format = scanner.requireFormat();
                requireKind(source.name(), format);
                long before = rowsIn;
                for (RowScanner.Scanned row = scanner.next(); row != null; row = scanner.next()) {
                    rowsIn++;
                    convert(row);
                }
                files.add(new FileSummary(source.name(), format.name(), scanner.evidence(), rowsIn - before));
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

        private void convert(RowScanner.Scanned scanned) throws IOException {
            if (scanned.parsed().row() == null && dropInvalid) {
                rowsDropped++;
                tally.addAll(errors(scanned.parsed()), files.size(), scanned);
                return;
            }
            Row row = scanned.require();
            unused.add(scanned.parsed().unused());
            List<? extends Row> converted = to == null ? List.of(row) : to.of(row);
            if (row instanceof Ranking ranking && to instanceof RankingPairs pairs) {
                tiesDropped += pairs.droppedTies(ranking);
                rankingsWithoutPairs += converted.isEmpty() ? 1 : 0;
            }
            for (Row written : converted) {
                out.write(written.toJson());
            }
        }

        private static List<Problem> errors(ParsedRow parsed) {
            return parsed.problems().stream()
                    .filter(problem -> problem.rule().isError())
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
