package org.rlhf4j.cli.data;

import static org.rlhf4j.cli.data.Options.count;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.lm.text.TextTokenizer;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.statistics.AgreementReport;
import org.rlhf4j.preference.statistics.DataStatistics;
import org.rlhf4j.preference.statistics.Share;
import org.rlhf4j.preference.statistics.StatisticsReport;
import org.rlhf4j.preference.statistics.StatisticsReport.LongerChosen;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf data stats}: the figures of files. */
@Command(
        name = "stats",
        description = {
            "Sum up files: rows, prompts, lengths, ties, labels, how often the longer completion is preferred, who wrote and"
                    + " judged; of several files also the prompts that they share.",
            "The interval of the longer completion takes the pairs of one prompt together."
        })
public final class StatsCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(arity = "1..*", paramLabel = "F", description = "Files, each summed up by itself: " + Options.FILES)
    private List<String> files = List.of();

    @Mixin
    private Reading reading = new Reading();

    @Option(
            names = "--tokenizer",
            paramLabel = "DIR",
            description = "Also lengths in tokens, by the tokenizer.json of this directory; of the texts alone, without"
                    + " a chat template or special tokens.")
    private @Nullable Path tokenizer;

    @Option(names = "--json", description = "End with one JSON object of all figures.")
    private boolean json;

    StatsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        DataStatistics.Files statistics = read();
        for (StatisticsReport report : statistics.files()) {
            show(report);
        }
        for (DataStatistics.Overlap overlap : statistics.overlaps()) {
            terminal.result("%s and %s share %s", overlap.a(), overlap.b(), count(overlap.prompts(), "prompt"));
        }
        if (statistics.files().size() > 1 && statistics.overlaps().isEmpty()) {
            terminal.result("no prompt is in two of the files");
        }
        if (json) {
            terminal.json(statistics.figures());
        }
        return ExitCode.DONE;
    }

    private DataStatistics.Files read() {
        if (tokenizer == null) {
            return DataStatistics.of(Options.joinedSources(files, terminal), reading.options(), null);
        }
        try (TextTokenizer opened = TextTokenizer.open(tokenizer)) {
            return DataStatistics.of(
                    Options.joinedSources(files, terminal),
                    reading.options(),
                    text -> opened.encodeContent(text).length);
        }
    }

    private void show(StatisticsReport report) {
        terminal.result("%s", Options.describe(report.file()));
        if (report.invalid() > 0) {
            terminal.result(
                    "%s left out of what follows; rlhf data check names them", count(report.invalid(), "invalid row"));
        }
        terminal.result("%s", count(report.prompts(), "different prompt"));
        lengths("characters", report.lengths());
        if (!report.tokens().isEmpty()) {
            lengths("tokens", report.tokens());
        }
        LongerChosen longer = report.longerChosen();
        if (longer != null) {
            preferences(report, longer);
        }
        Share positive = report.positive();
        if (positive != null) {
            terminal.result(
                    "%.1f %% of %d %s (95 %% interval %.1f to %.1f)",
                    100 * positive.value(),
                    positive.n(),
                    report.kind() == Row.Kind.STEPWISE ? "steps are right" : "completions are desirable",
                    100 * positive.interval().get(0),
                    100 * positive.interval().get(1));
        }
        named("sources", report.sources());
        named("models", report.models());
        AgreementReport agreement = report.agreement();
        if (agreement != null && agreement.counts().shared() > 0) {
            terminal.result(
                    "%s, %d things judged by two or more: alpha %.3f, label-noise ceiling %.3f (95 %% interval %.3f to"
                            + " %.3f); rlhf data agreement says more",
                    count(agreement.counts().annotators(), "annotator"),
                    agreement.counts().shared(),
                    agreement.alphaNominal().value(),
                    agreement.ceiling().value(),
                    agreement.ceiling().low(),
                    agreement.ceiling().high());
        }
    }

    private void lengths(String unit, Map<String, StatisticsReport.Lengths> lengths) {
        terminal.result("%-13s  mean     min  median     90%%     99%%     max", unit);
        lengths.forEach((field, l) -> terminal.result(
                "  %-11s %6.1f %7d %7d %7d %7d %7d", field, l.mean(), l.min(), l.p50(), l.p90(), l.p99(), l.max()));
    }

    private void named(String what, Map<String, Long> counts) {
        if (!counts.isEmpty()) {
            terminal.result(
                    "%s: %s",
                    what,
                    counts.entrySet().stream()
                            .map(entry -> entry.getKey() + " " + entry.getValue())
                            .collect(Collectors.joining(", ")));
        }
    }

    private void preferences(StatisticsReport report, LongerChosen longer) {
        if (longer.share().n() > 0) {
            List<Double> interval = longer.interval();
            terminal.result(
                    "the longer completion is preferred in %.1f %% of %d pairs of different length (95 %% interval %.1f to"
                            + " %.1f)",
                    100 * longer.share().value(), longer.share().n(), 100 * interval.get(0), 100 * interval.get(1));
        }
        terminal.result("%s", count(report.tiedPairs(), "tied pair"));
        if (report.kind() == Row.Kind.PAIR) {
            terminal.result("total weight %.6g", report.totalWeight());
            return;
        }
        String noun = report.kind() == Row.Kind.RANKING ? "ranking" : "partial order";
        String sizes = report.rankingSizes().entrySet().stream()
                .map(size -> count(size.getValue(), noun) + " of " + size.getKey())
                .collect(Collectors.joining(", "));
        terminal.result("%s", sizes);
    }
}
