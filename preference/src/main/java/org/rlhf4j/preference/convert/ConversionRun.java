package org.rlhf4j.preference.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.SeededStream;
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
import org.rlhf4j.preference.read.RowScanner;
import org.rlhf4j.preference.read.RowScanner.Scanned;

/** One run of a {@link DataConversion}. */
final class ConversionRun {
    private final DataConversion conversion;
    private final RowWriter out;
    private final UniformRows uniform;
    private final List<FileSummary> files = new ArrayList<>();
    private final List<String> leftOver = new ArrayList<>();
    private final ProblemTally tally = new ProblemTally();
    private final FieldTally unused = new FieldTally();
    private Row.@Nullable Kind kind;
    private String file = "";
    private long rowsIn;
    private long rowsDropped;
    private long tiesDropped;
    private long rankingsWithoutPairs;

    ConversionRun(DataConversion conversion, RowWriter out) {
        this.conversion = conversion;
        this.out = out;
        this.uniform = new UniformRows(conversion.layout(), out);
    }

    /** A row that is ready to be written. */
    private record Ready(Row.Kind kind, ObjectNode row, RowWriter.Line line) {}

    /** What a typed row becomes; the fields are those that have no place. */
    private record Written(List<Ready> rows, boolean tied, List<String> leftOut) {}

    /** A typed row with what it becomes; null for one that may become very many, which has to wait for its turn. */
    private record Prepared(Row row, @Nullable List<Written> written) {}

    /** One source of several that are read at a time. */
    private final class Part implements AutoCloseable {
        private final DataSource source;
        private final int index;
        private final RowScanner scanner;
        private @Nullable Scanned next;
        private long rows;

        Part(DataSource source, int index) {
            this.source = source;
            this.index = index;
            this.scanner = RowScanner.open(source, conversion.options());
            try {
                requireKind(source.name(), scanner.requireFormat().kind());
                next = scanner.next();
            } catch (RuntimeException e) {
                scanner.close();
                throw e;
            }
        }

        void convertNext() throws IOException {
            if (next != null) {
                rows += next.count();
                convert(next, prepare(next), index);
                next = scanner.next();
            }
        }

        boolean hasEnded() {
            return next == null;
        }

        @Override
        public void close() {
            scanner.close();
        }
    }

    /** Takes one source after the other. */
    void inTurn(List<DataSource> sources) throws IOException {
        for (DataSource source : sources) {
            try (RowScanner scanner = RowScanner.open(source, conversion.options())) {
                requireKind(source.name(), scanner.requireFormat().kind());
                long before = rowsIn;
                scanner.forEach(this::prepare, (row, prepared) -> convert(row, prepared, files.size()));
                files.add(summary(source, scanner, rowsIn - before));
            }
        }
    }

    /** Draws from all sources. */
    void mixed(List<DataSource> sources, Mixing mixing) throws IOException {
        if (sources.size() != mixing.weights().size()) {
            throw new IllegalArgumentException(sources.size() + " sources cannot be mixed by "
                    + mixing.weights().size() + " weights");
        }
        List<Part> parts = new ArrayList<>();
        try {
            BitSet ended = new BitSet();
            for (DataSource source : sources) {
                parts.add(new Part(source, parts.size()));
            }
            SeededStream random = mixing.stream();
            while (!mixing.isOver(ended)) {
                int drawn = mixing.draw(random, ended);
                parts.get(drawn).convertNext();
                ended.set(drawn, parts.get(drawn).hasEnded());
            }
            for (Part part : parts) {
                files.add(summary(part.source, part.scanner, part.rows));
                if (!part.hasEnded()) {
                    leftOver.add(part.source.name());
                }
            }
        } finally {
            parts.forEach(Part::close);
        }
    }

    private static FileSummary summary(DataSource source, RowScanner scanner, long rows) {
        RowFormat format = scanner.format();
        String name = format == null ? "" : format.name();
        return new FileSummary(source.name(), scanner.container(), name, scanner.evidence(), rows);
    }

    private void requireKind(String name, Row.Kind of) {
        RowConversion<?> to = conversion.to();
        Row.Kind found = of;
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
        try {
            found = conversion.layout().result(found);
        } catch (DataFormatException e) {
            throw e.at(name, 0);
        }
        if (kind != null && found != kind) {
            throw new DataFormatException(
                    name, 0, "holds " + found.plural() + ", but " + file + " holds " + kind.plural());
        }
        kind = found;
        file = name;
    }

    /** Makes what stands in a row ready to be written, which any thread may do. */
    private List<Prepared> prepare(Scanned scanned) {
        List<Prepared> prepared = new ArrayList<>();
        for (Row row : scanned.parsed().rows()) {
            boolean waits = conversion.to() != null && (row instanceof Ranking || row instanceof PartialOrder);
            List<Written> written = new ArrayList<>();
            if (!waits) {
                converted(row).forEach(converted -> written.add(written(converted, scanned)));
            }
            prepared.add(new Prepared(row, waits ? null : written));
        }
        return prepared;
    }

    private List<? extends Row> converted(Row row) {
        RowConversion<?> to = conversion.to();
        return to == null ? List.of(row) : to.of(row);
    }

    private Written written(Row row, Scanned scanned) {
        OutputLayout layout = conversion.layout();
        if (layout.leavesOut(row)) {
            return new Written(List.of(), true, List.of());
        }
        try {
            Row.Kind result = layout.result(row.kind());
            List<Ready> rows = layout.rows(row).stream()
                    .map(written -> new Ready(result, written, out.line(written)))
                    .toList();
            return new Written(rows, false, layout.leftOut(row));
        } catch (DataFormatException e) {
            throw e.at(scanned.file(), scanned.line());
        }
    }

    private void convert(Scanned scanned, List<Prepared> rows, int index) throws IOException {
        rowsIn += scanned.count();
        if (scanned.parsed().isRefused() && conversion.dropInvalid()) {
            rowsDropped += scanned.count();
            tally.addAll(problems(scanned.parsed(), Rule.Severity.ERROR), index, scanned);
            return;
        }
        scanned.requireValid();
        tally.addAll(problems(scanned.parsed(), Rule.Severity.NOTE), index, scanned);
        Set<String> fields = new LinkedHashSet<>(scanned.parsed().unused());
        for (Prepared row : rows) {
            List<Written> ready = row.written();
            if (ready != null) {
                for (Written written : ready) {
                    write(written, scanned, fields);
                }
                continue;
            }
            List<? extends Row> converted = converted(row.row());
            if (row.row() instanceof Ranking ranking && conversion.to() instanceof RankingPairs pairs) {
                tiesDropped += pairs.droppedTies(ranking);
                rankingsWithoutPairs += converted.isEmpty() ? 1 : 0;
            }
            for (Row next : converted) {
                write(written(next, scanned), scanned, fields);
            }
        }
        unused.add(List.copyOf(fields));
    }

    private void write(Written written, Scanned scanned, Set<String> fields) throws IOException {
        tiesDropped += written.tied() ? 1 : 0;
        fields.addAll(written.leftOut());
        for (Ready ready : written.rows()) {
            uniform.require(ready.kind(), ready.row(), scanned);
            out.write(ready.line());
        }
    }

    private static List<Problem> problems(ParsedRow parsed, Rule.Severity severity) {
        return parsed.problems().stream()
                .filter(problem -> problem.rule().severity() == severity)
                .toList();
    }

    /** Ends the output and says what was done. */
    ConversionReport finish() throws IOException {
        out.finish();
        if (out.rows() == 0 || kind == null) {
            throw new DataFormatException(
                    file,
                    0,
                    "nothing to write: of " + rowsIn + " rows " + rowsDropped + " are invalid and "
                            + rankingsWithoutPairs + " gave no pair"
                            + (tiesDropped == 0 ? "" : "; " + tiesDropped + " pairs are tied"));
        }
        return new ConversionReport(
                files,
                kind,
                out.rows(),
                rowsDropped,
                tally.findings(),
                tiesDropped,
                rankingsWithoutPairs,
                leftOver,
                unused.rows());
    }
}
