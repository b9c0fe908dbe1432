package org.rlhf4j.cli.data;

import static org.rlhf4j.cli.data.Options.count;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.statistics.DataStatistics;
import org.rlhf4j.preference.statistics.StatisticsReport;
import org.rlhf4j.preference.statistics.StatisticsReport.LongerChosen;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf data stats}: the figures of a file. */
@Command(
        name = "stats",
        description = "Sum up a file: rows, prompts, lengths, ties, how often the longer completion is preferred.")
public final class StatsCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "F", description = "The file: " + Options.FILES)
    private String file = Options.DASH;

    @Mixin
    private Reading reading = new Reading();

    @Option(names = "--json", description = "End with one JSON object of all figures.")
    private boolean json;

    StatsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        StatisticsReport report = DataStatistics.of(Options.source(file, terminal), reading.options());
        terminal.result("%s", Options.describe(report.file()));
        if (report.invalid() > 0) {
            terminal.result(
                    "%s left out of what follows; rlhf data check names them", count(report.invalid(), "invalid row"));
        }
        terminal.result("%s", count(report.prompts(), "different prompt"));
        terminal.result("characters      mean     min  median     90%     99%     max");
        report.lengths()
                .forEach((field, l) -> terminal.result(
                        "  %-11s %6.1f %7d %7d %7d %7d %7d",
                        field, l.mean(), l.min(), l.p50(), l.p90(), l.p99(), l.max()));
        if (report.kind() == Row.Kind.PAIR || report.kind() == Row.Kind.RANKING) {
            preferences(report);
        }
        if (json) {
            terminal.json(report.figures());
        }
        return ExitCode.DONE;
    }

    private void preferences(StatisticsReport report) {
        LongerChosen longer = report.longerChosen();
        if (longer.n() > 0) {
            List<Double> interval = longer.interval();
            terminal.result(
                    "the longer completion is preferred in %.1f %% of %d pairs of different length (95 %% interval %.1f to %.1f)",
                    100 * longer.share(), longer.n(), 100 * interval.get(0), 100 * interval.get(1));
        }
        terminal.result("%s", count(report.tiedPairs(), "tied pair"));
        if (report.kind() == Row.Kind.PAIR) {
            terminal.result("total weight %.6g", report.totalWeight());
        } else {
            String sizes = report.rankingSizes().entrySet().stream()
                    .map(size -> count(size.getValue(), "ranking") + " of " + size.getKey())
                    .collect(Collectors.joining(", "));
            terminal.result("%s", sizes);
        }
    }
}
