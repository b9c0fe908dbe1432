package org.rlhf4j.preference.clean;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.Located;
import org.rlhf4j.preference.Problem;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.check.FieldTally;
import org.rlhf4j.preference.check.Finding;
import org.rlhf4j.preference.check.ProblemTally;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.format.Excerpt;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.FileSummary;
import org.rlhf4j.preference.read.ReadOptions;
import org.rlhf4j.preference.read.RowScanner;

/**
 * Takes rows through a chain of steps, each of which keeps a row or says why not, and writes those that are left in the
 * canonical form of their kind and in their order.
 *
 * <p>The files are read once. Where a step must have seen all rows, those that reach it are put aside in a temporary file
 * of their size; so memory depends on the longest row, but for one bit a row and step.
 *
 * @param options how the rows are understood
 * @param steps what is done, in this order
 */
public record DataCleaning(ReadOptions options, List<CleanStep> steps) {
    /**
     * Copies the list.
     *
     * @throws DataFormatException without a place, if there is no step or drop-invalid is not the first one
     */
    public DataCleaning {
        steps = List.copyOf(steps);
        if (steps.isEmpty()) {
            throw new DataFormatException("a chain needs a step");
        }
        for (CleanStep step : steps.subList(1, steps.size())) {
            if (step.type() == StepType.DROP_INVALID) {
                throw new DataFormatException("drop-invalid must be the first step: the others take valid rows alone");
            }
        }
    }

    /** Receives the rows that are not kept. */
    @FunctionalInterface
    public interface Removals {
        /**
         * One row.
         *
         * @param row the row with where it stood, the step, the reason and the detail
         * @throws IOException if it cannot be written
         */
        void write(ObjectNode row) throws IOException;
    }

    /**
     * Cleans.
     *
     * @param sources where the rows come from; all must give the same kind of row
     * @param out where those that are left go; finished when this returns
     * @param removals where the others go; null if nowhere
     * @return what was done
     * @throws DataFormatException if a source cannot be read, its format cannot be told, its rows are of another kind than
     *     those before or of one that a step does not take, or a row is invalid and drop-invalid is not the first step
     * @throws IOException if a row cannot be written
     */
    public CleanReport run(List<DataSource> sources, RowWriter out, @Nullable Removals removals) throws IOException {
        try (Run run = new Run(out, removals)) {
            for (DataSource source : sources) {
                run.read(source);
            }
            run.judgeWhatWasPutAside();
            out.finish();
            return run.report();
        }
    }

    /** A step with its counts. */
    private static final class Stage {
        private final CleanStep step;
        private final RowFilter filter;
        private final Tally tally = new Tally();
        private long looked;
        private long in;

        Stage(CleanStep step) {
            this.step = step;
            this.filter = step.start();
        }

        StepReport report() {
            return new StepReport(step, in, in - tally.total(), tally.removals(), filter.figures());
        }
    }

    private final class Run implements AutoCloseable {
        private final RowWriter out;
        private final @Nullable Removals removals;
        private final List<Stage> stages = steps.stream().map(Stage::new).toList();
        private final List<FileSummary> files = new ArrayList<>();
        private final ProblemTally notes = new ProblemTally();
        private final FieldTally unused = new FieldTally();
        private Row.@Nullable Kind kind;
        private String file = "";
        private @Nullable RowSpill spill;

        Run(RowWriter out, @Nullable Removals removals) {
            this.out = out;
            this.removals = removals;
        }

        void read(DataSource source) throws IOException {
            try (RowScanner scanner = RowScanner.open(source, options)) {
                String format = scanner.requireFormat().name();
                requireKind(source.name(), scanner.requireFormat().kind());
                long[] rows = new long[1];
                scanner.forEach(RowScanner.Scanned::parsed, (row, parsed) -> {
                    rows[0] += row.count();
                    read(row);
                });
                files.add(new FileSummary(source.name(), scanner.container(), format, scanner.evidence(), rows[0]));
            }
        }

        private void requireKind(String name, Row.Kind found) {
            if (kind != null && found != kind) {
                throw new DataFormatException(
                        name, 0, "holds " + found.plural() + ", but " + file + " holds " + kind.plural());
            }
            for (CleanStep step : steps) {
                if (!step.type().takes(found)) {
                    throw new DataFormatException(
                            name,
                            0,
                            "holds " + found.plural() + ", to which the step "
                                    + step.type().label() + " does not apply");
                }
            }
            kind = found;
            file = name;
        }

        private void read(RowScanner.Scanned scanned) throws IOException {
            boolean dropInvalid = steps.get(0).type() == StepType.DROP_INVALID;
            if (scanned.parsed().isRefused() && dropInvalid) {
                dropInvalid(scanned);
                return;
            }
            List<Row> rows = scanned.require();
            List<Problem> why = scanned.parsed().problems().stream()
                    .filter(problem -> problem.rule().severity() == Rule.Severity.NOTE)
                    .toList();
            notes.addAll(why, files.size(), scanned);
            unused.add(scanned.parsed().unused());
            for (Row row : rows) {
                pass(0, false, new Located<>(scanned.file(), scanned.line(), row));
            }
        }

        private void dropInvalid(RowScanner.Scanned scanned) throws IOException {
            Stage stage = stages.get(0);
            stage.in += scanned.count();
            Problem problem = scanned.parsed().problems().stream()
                    .filter(each -> each.rule().isError())
                    .findFirst()
                    .orElseThrow();
            RowFilter.Removed why = new RowFilter.Removed(problem.rule().id(), problem.detail());
            // What is no object of JSON has nothing to show.
            for (ObjectNode object : scanned.nodes().isEmpty() ? List.of(Json.object()) : scanned.nodes()) {
                removed(stage, why, new Located<>(scanned.file(), scanned.line(), object));
            }
        }

        /** Takes a row from a stage on until it is removed, written, or put aside. */
        private void pass(int from, boolean hasLooked, Located<Row> row) throws IOException {
            for (int i = from; i < stages.size(); i++) {
                Stage stage = stages.get(i);
                if (stage.filter.looksFirst() && !(hasLooked && i == from)) {
                    stage.filter.look(number(stage.looked++), row);
                    putAside(row);
                    return;
                }
                RowFilter.Removed removed = stage.filter.judge(number(stage.in++), row);
                if (removed != null) {
                    removed(
                            stage,
                            removed,
                            new Located<>(row.file(), row.line(), row.value().toJson()));
                    return;
                }
            }
            out.write(row.value().toJson());
        }

        private void putAside(Located<Row> row) throws IOException {
            RowSpill aside = spill;
            if (aside == null) {
                aside = new RowSpill();
                spill = aside;
            }
            aside.add(row);
        }

        void judgeWhatWasPutAside() throws IOException {
            for (int i = 0; i < stages.size(); i++) {
                RowFilter filter = stages.get(i).filter;
                if (!filter.looksFirst()) {
                    continue;
                }
                filter.decide();
                try (RowSpill aside = spill) {
                    spill = null;
                    int from = i;
                    if (aside != null) {
                        aside.forEach(row -> pass(from, true, row));
                    }
                }
            }
        }

        private void removed(Stage stage, RowFilter.Removed why, Located<ObjectNode> row) throws IOException {
            stage.tally.add(
                    why.reason(), new Finding.Example(row.file(), row.line(), why.detail(), Excerpt.of(row.value())));
            if (removals != null) {
                ObjectNode record = Json.object()
                        .put("file", row.file())
                        .put("line", row.line())
                        .put("step", stage.step.type().label())
                        .put("reason", why.reason())
                        .put("detail", why.detail());
                record.set("row", row.value());
                removals.write(record);
            }
        }

        private static int number(long count) {
            if (count > Integer.MAX_VALUE) {
                throw new DataFormatException("a step takes at most " + Integer.MAX_VALUE + " rows; split the files");
            }
            return (int) count;
        }

        CleanReport report() {
            List<StepReport> reports = stages.stream().map(Stage::report).toList();
            if (kind == null) {
                throw new IllegalArgumentException("there is nothing to clean: no source");
            }
            Map<String, Long> fields = unused.rows();
            return new CleanReport(
                    files, kind, notes.findings(), reports, reports.get(0).rowsIn(), out.rows(), fields);
        }

        @Override
        public void close() throws IOException {
            stages.forEach(stage -> stage.filter.close());
            if (spill != null) {
                spill.close();
            }
        }
    }
}
