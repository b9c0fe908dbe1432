package org.rlhf4j.cli.data;

import static org.rlhf4j.cli.data.Options.count;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.RefusedException;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.preference.Rule;
import org.rlhf4j.preference.Rule.Severity;
import org.rlhf4j.preference.check.CheckReport;
import org.rlhf4j.preference.check.DataCheck;
import org.rlhf4j.preference.check.Finding;
import org.rlhf4j.preference.check.Severities;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf data check}: everything that is wrong with files, in one pass. */
@Command(
        name = "check",
        description = {
            "Read files strictly and report every problem with its count and first places.",
            "Exit code 3 if there is an error; warnings and notes alone do not refuse the data.",
            "rlhf data rules lists what is looked for."
        })
public final class CheckCommand implements Callable<Integer> {
    /** Errors that no single row has, so that leaving rows out does not help. */
    private static final Set<Rule> OF_FILES =
            EnumSet.of(Rule.UNREADABLE, Rule.UNKNOWN_FORMAT, Rule.NO_ROWS, Rule.REPEATED_ID);

    private final Terminal terminal;

    @Parameters(arity = "1..*", paramLabel = "F", description = "Files to check together: " + Options.FILES)
    private List<String> files = List.of();

    @Mixin
    private Reading reading = new Reading();

    @Option(
            names = "--rule",
            paramLabel = "ID=SEVERITY",
            description = "How bad a rule is taken to be: off, note, warning or error. Repeatable.")
    private Map<String, String> severities = new LinkedHashMap<>();

    @Option(names = "--json", description = "End with one JSON object: rows, problems, ...")
    private boolean json;

    CheckCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Severities judged = judged();
        CheckReport report = DataCheck.check(Options.sources(files, terminal), reading.options())
                .with(judged);
        report.files().forEach(file -> terminal.result("%s", Options.describe(file)));
        for (Finding finding : report.findings()) {
            Rule rule = finding.rule();
            terminal.result(
                    "%-7s %-21s %6d  %s", finding.severity().label(), rule.id(), finding.count(), rule.meaning());
            Options.examples(finding).forEach(line -> terminal.result("%s", line));
            terminal.result("    -> %s", rule.advice());
        }
        if (!report.unusedFields().isEmpty()) {
            terminal.result("fields that nothing uses: %s", Options.fields(report.unusedFields()));
        }
        long errors = report.count(Severity.ERROR);
        long notes = report.count(Severity.NOTE);
        String found = count(errors, "error") + ", " + count(report.count(Severity.WARNING), "warning")
                + (notes == 0 ? "" : ", " + count(notes, "note"));
        terminal.result("%s: %s", report.refused() ? "refused" : "accepted", found);
        if (json) {
            terminal.json(report.figures());
        }
        if (report.refused()) {
            throw new RefusedException(
                    count(errors, "error") + " in " + count(report.rows(), "row") + "; " + advice(report));
        }
        return ExitCode.DONE;
    }

    private Severities judged() {
        try {
            return Severities.of(severities);
        } catch (DataFormatException e) {
            throw new UsageException("--rule: " + e.reason());
        }
    }

    private static String advice(CheckReport report) {
        List<Rule> errors = report.findings().stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .map(Finding::rule)
                .toList();
        if (OF_FILES.containsAll(errors)) {
            return "what to do is said above";
        }
        return errors.stream().anyMatch(rule -> rule.isError() && !OF_FILES.contains(rule))
                ? "correct the rows, or leave the invalid ones out with rlhf data convert --drop-invalid"
                : "correct the rows; only --rule makes an error of this, so rlhf data convert --drop-invalid keeps them";
    }
}
