package org.rlhf4j.cli.data;

import static org.rlhf4j.cli.data.Options.count;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.preference.clean.CleanReport;
import org.rlhf4j.preference.clean.CleanStep;
import org.rlhf4j.preference.clean.DataCleaning;
import org.rlhf4j.preference.clean.Lineage;
import org.rlhf4j.preference.clean.StepReport;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.read.DataSource;
import org.rlhf4j.preference.read.ReadOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rlhf data clean}: rows left out by recorded steps. */
@Command(
        name = "clean",
        description = {
            "Leave rows out by steps that say what they removed and why, and write the others in the canonical form.",
            "OUT.lineage.json, written last, records the inputs, the steps with all parameters, and the counts; the same"
                    + " steps on the same files give the same bytes."
        },
        footerHeading = "%nSteps (docs/preference-data.md has their parameters):%n",
        footer = {
            "  drop-invalid, dedup, drop-ties, drop-identical, drop-contradictions, length, rating-gap, characters,",
            "  repetition, balance-length, sample"
        })
public final class CleanCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = "--in",
            required = true,
            arity = "1..*",
            paramLabel = "F",
            description = "Files to read; - is standard input.")
    private List<String> in = List.of();

    @Mixin
    private Reading reading = new Reading();

    @Option(names = "--out", paramLabel = "F", description = "File to write; not needed with --dry-run.")
    private @Nullable Path out;

    @Option(
            names = "--step",
            paramLabel = "STEP[:NAME=VALUE,...]",
            description = "A step, as in length:min=10,max=2000. Repeatable; taken in this order.")
    private List<String> steps = List.of();

    @Option(
            names = "--chain",
            paramLabel = "F",
            description = "Take the steps, and how rows are read, from a lineage file instead.")
    private @Nullable Path chain;

    @Option(names = "--dry-run", description = "Say what each step would remove, and write nothing.")
    private boolean dryRun;

    @Option(
            names = "--removed",
            paramLabel = "F",
            description = "File for the rows left out, each with its place, step and reason.")
    private @Nullable Path removed;

    @Option(names = "--json", description = "End with one JSON object: rows_in, rows_out, steps, ...")
    private boolean json;

    CleanCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (steps.isEmpty() == (chain == null)) {
            throw new UsageException(
                    "give the steps with --step, or with --chain a lineage file that records them; one of the two");
        }
        DataCleaning cleaning = chain == null ? typed() : recorded(chain);
        if (dryRun) {
            if (removed != null) {
                throw new UsageException("--dry-run writes nothing: give it without --removed");
            }
            report(
                    cleaning.run(Options.sources(in, terminal), RowWriter.plain(OutputStream.nullOutputStream()), null),
                    "nothing was written");
            return ExitCode.DONE;
        }
        if (out == null || out.toString().equals(Options.DASH)) {
            throw new UsageException("--out must name a file, beside which the lineage is written");
        }
        if (removed != null && Options.same(out, removed)) {
            throw new UsageException("--out and --removed are the same file");
        }
        report(clean(cleaning, out), "recorded in " + Lineage.beside(out));
        return ExitCode.DONE;
    }

    private DataCleaning typed() {
        ReadOptions options = reading.options();
        try {
            return new DataCleaning(
                    options, steps.stream().map(CleanStep::parse).toList());
        } catch (DataFormatException e) {
            throw new UsageException(e.reason());
        }
    }

    private DataCleaning recorded(Path file) {
        if (!reading.options().equals(ReadOptions.DETECT)) {
            throw new UsageException(
                    "--chain records how the rows are read: give it without --from, --column and --with");
        }
        JsonNode lineage = Json.read(file);
        return new DataCleaning(
                Lineage.reading(lineage, file.toString()), CleanStep.recorded(lineage, file.toString()));
    }

    private CleanReport clean(DataCleaning cleaning, Path file) throws IOException {
        List<DataSource> sources = Options.sources(in, terminal);
        Path other = removed;
        Options.requireNoInput(sources, file, other, Lineage.beside(file));
        Recording recording = new Recording(sources);
        CleanReport report = other == null
                ? recording.write(
                        file,
                        rows -> cleaning.run(recording.sources(), rows, null).requireRows())
                : recording.write(other, others -> {
                    CleanReport done = recording.write(
                            file,
                            rows -> cleaning.run(recording.sources(), rows, others::write)
                                    .requireRows());
                    others.finish();
                    return done;
                });
        Map<String, Object> done = new LinkedHashMap<>();
        done.put("kind", report.kind().plural());
        done.put("rows_in", report.rowsIn());
        done.put("rows_out", report.rowsOut());
        done.put("steps", report.steps().stream().map(StepReport::record).toList());
        recording.finish("data clean", file, cleaning.options(), report.files(), done);
        return report;
    }

    private void report(CleanReport report, String end) {
        report.files().forEach(file -> terminal.note("%s", Options.describe(file)));
        report.notes().forEach(finding -> {
            terminal.note(
                    "%s %d (%s)",
                    finding.rule().id(), finding.count(), finding.rule().meaning());
            Options.examples(finding).forEach(line -> terminal.note("%s", line));
        });
        if (!report.unusedFields().isEmpty()) {
            terminal.note("fields not carried over: %s", Options.fields(report.unusedFields()));
        }
        for (StepReport step : report.steps()) {
            terminal.result("%s: %s in, %d out", step.step().text(), count(step.rowsIn(), "row"), step.rowsOut());
            step.figures().forEach((name, value) -> terminal.result("  %s %s", name.replace('_', ' '), value));
            for (StepReport.Removal removal : step.removed()) {
                terminal.result("  %s %d", removal.reason(), removal.count());
                removal.examples()
                        .forEach(example -> terminal.result(
                                "    %s: %s  %s", example.place(), example.detail(), example.excerpt()));
            }
        }
        terminal.result(
                "%s%s in, %d %s out; %s",
                dryRun ? "" : out + ": ",
                count(report.rowsIn(), "row"),
                report.rowsOut(),
                report.kind().plural(),
                end);
        if (json) {
            terminal.json(report.figures());
        }
    }
}
