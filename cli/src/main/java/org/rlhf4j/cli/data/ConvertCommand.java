package org.rlhf4j.cli.data;

import static org.rlhf4j.cli.data.Options.count;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.preference.CompletionChoice;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PairWeights;
import org.rlhf4j.preference.RankingPairs;
import org.rlhf4j.preference.RowConversion;
import org.rlhf4j.preference.TiePolicy;
import org.rlhf4j.preference.check.Finding;
import org.rlhf4j.preference.container.RowWriter;
import org.rlhf4j.preference.convert.ConversionReport;
import org.rlhf4j.preference.convert.DataConversion;
import org.rlhf4j.preference.convert.Mixing;
import org.rlhf4j.preference.convert.OutputLayout;
import org.rlhf4j.preference.read.DataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rlhf data convert}: any known format to the canonical one. */
@Command(
        name = "convert",
        description = {
            "Rewrite rows of any known format in the canonical form, or with the columns that TRL's trainers take (--to);"
                    + " with --pairs, rankings become pairs, with --completions, pairs and rankings become"
                    + " demonstrations; with --mix, several inputs are mixed.",
            "The output appears only when it is complete (but rows to - are written as they come)."
        })
public final class ConvertCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = "--in",
            required = true,
            arity = "1..*",
            paramLabel = "F",
            description = "Files to read: " + Options.FILES)
    private List<String> in = List.of();

    @Mixin
    private Reading reading = new Reading();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "F",
            description =
                    "File to write: JSON Lines, packed when it ends in .gz or .zst, or .parquet; - is standard output.")
    private String out = Options.DASH;

    @Option(
            names = "--to",
            paramLabel = "LAYOUT",
            converter = Options.LayoutConverter.class,
            description =
                    "Fields to write: canonical (the default: all that is known), trl (TRL's columns), kto (each pair as"
                            + " a desirable and an undesirable completion), prompts (the prompts alone, one a row).")
    private OutputLayout layout = OutputLayout.CANONICAL;

    @Option(
            names = "--mix",
            split = ",",
            paramLabel = "W",
            description =
                    "Mix the inputs: weights of the files, directories and globs after --in, such as 0.7,0.3; each row"
                            + " comes from one drawn with that probability.")
    private @Nullable List<Double> mix;

    @Option(
            names = "--mix-until",
            paramLabel = "END",
            converter = Options.UntilConverter.class,
            description =
                    "When mixing ends: first (the default: with the first input that ends, rows of the others are left"
                            + " over) or all (with the last row of all). No row is repeated.")
    private Mixing.@Nullable Until mixUntil;

    @Option(names = "--seed", paramLabel = "N", description = "Another seed, another mixture (default: 42).")
    private @Nullable Long seed;

    @Option(
            names = "--pairs",
            paramLabel = "STRATEGY",
            converter = Options.StrategyConverter.class,
            description = "Turn rankings into pairs: all, adjacent, best-vs-rest, best-vs-worst.")
    private @Nullable PairStrategy pairs;

    @Option(
            names = "--ties",
            paramLabel = "POLICY",
            converter = Options.TiesConverter.class,
            description = "Completions of equal rank: drop (the default; they are counted) or keep (as pairs with the "
                    + "probability 0.5).")
    private @Nullable TiePolicy ties;

    @Option(
            names = "--weights",
            paramLabel = "WEIGHTS",
            converter = Options.WeightsConverter.class,
            description =
                    "Weights of the pairs of a ranking: none (the default; each counts 1) or per-prompt (all count 1 together).")
    private @Nullable PairWeights weights;

    @Option(
            names = "--completions",
            paramLabel = "CHOICE",
            converter = Options.CompletionsConverter.class,
            description = "Turn pairs and rankings into demonstrations of their best completions, or of all.")
    private @Nullable CompletionChoice completions;

    @Option(
            names = "--drop-invalid",
            description = "Leave invalid rows out, counted, instead of stopping at the first.")
    private boolean dropInvalid;

    @Option(names = "--json", description = "End with one JSON object: format, rows_in, rows_out, ...")
    private boolean json;

    ConvertCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (pairs == null && (ties != null || weights != null)) {
            throw new UsageException("--ties and --weights say how rankings become pairs; add --pairs all");
        }
        if (pairs != null && completions != null) {
            throw new UsageException("--pairs makes pairs and --completions demonstrations: give one of them");
        }
        if (json && out.equals(Options.DASH)) {
            throw new UsageException("--json and --out - would both write to standard output; write to a file");
        }
        Mixing mixing = mixing();
        List<DataSource> sources = mixing == null ? Options.sources(in, terminal) : Options.joinedSources(in, terminal);
        Options.requireNoInput(sources, Path.of(out));
        ConversionReport report =
                convert(new DataConversion(reading.options(), conversion(), dropInvalid, layout, mixing), sources);
        report(report);
        return ExitCode.DONE;
    }

    private @Nullable Mixing mixing() {
        if (mix == null) {
            if (mixUntil != null || seed != null) {
                throw new UsageException(
                        "--mix-until and --seed say how inputs are mixed; add --mix with their weights");
            }
            return null;
        }
        if (mix.size() != in.size() || mix.size() < 2) {
            throw new UsageException("--mix has " + count(mix.size(), "weight") + " for " + count(in.size(), "input")
                    + "; give one for each of at least two");
        }
        try {
            return new Mixing(mix, mixUntil == null ? Mixing.Until.FIRST : mixUntil, seed == null ? 42 : seed);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--mix: " + e.getMessage());
        }
    }

    private @Nullable RowConversion<?> conversion() {
        if (pairs == null) {
            return completions;
        }
        return new RankingPairs(
                pairs, ties == null ? TiePolicy.DROP : ties, weights == null ? PairWeights.NONE : weights);
    }

    private ConversionReport convert(DataConversion conversion, List<DataSource> sources) throws IOException {
        try {
            if (out.equals(Options.DASH)) {
                return conversion.run(sources, RowWriter.plain(terminal.out()));
            }
            return Options.writeAtomically(Path.of(out), rows -> conversion.run(sources, rows));
        } catch (DataFormatException e) {
            if (dropInvalid || e.line() == 0) {
                throw e;
            }
            // What cannot be read ends the file: no row is to blame that could be left out.
            String advice = e.reason().startsWith("cannot be read")
                    ? "; nothing was written"
                    : "; nothing was written (--drop-invalid leaves such rows out)";
            throw new DataFormatException(e.file(), e.line(), e.reason() + (out.equals(Options.DASH) ? "" : advice), e);
        }
    }

    private void report(ConversionReport report) {
        report.files().forEach(file -> terminal.note("%s", Options.describe(file)));
        if (report.rowsDropped() > 0) {
            terminal.note("left out %s:", count(report.rowsDropped(), "invalid row"));
        } else if (!report.dropped().isEmpty()) {
            terminal.note("left out, with no row invalid:");
        }
        for (Finding finding : report.dropped()) {
            terminal.note(
                    "  %s %d (%s)",
                    finding.rule().id(), finding.count(), finding.rule().meaning());
            Options.examples(finding).forEach(line -> terminal.note("%s", line));
        }
        if (report.tiesDropped() > 0) {
            terminal.note(
                    layout == OutputLayout.CANONICAL
                            ? "left out %s; --ties keep writes them with the probability 0.5"
                            : "left out %s, of which no completion is preferred",
                    count(report.tiesDropped(), "tied pair"));
        }
        if (!report.leftOver().isEmpty()) {
            terminal.note(
                    "ended with the last row of one input; rows are left over of %s (--mix-until all takes them too)",
                    String.join(", ", report.leftOver()));
        }
        if (report.rankingsWithoutPairs() > 0) {
            terminal.note("%s gave no pair: all completions tied", count(report.rankingsWithoutPairs(), "ranking"));
        }
        if (!report.unusedFields().isEmpty()) {
            terminal.note("fields not carried over: %s", Options.fields(report.unusedFields()));
        }
        if (out.equals(Options.DASH)) {
            return;
        }
        terminal.result(
                "%s: %s in, %d %s out",
                out,
                count(report.rowsIn(), "row"),
                report.rowsOut(),
                report.kind().plural());
        if (json) {
            terminal.json(report.figures());
        }
    }
}
