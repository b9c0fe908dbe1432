package org.rlhf4j.cli.data;

import static org.rlhf4j.cli.data.Options.count;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.preference.statistics.AgreementReport;
import org.rlhf4j.preference.statistics.AgreementReport.Estimate;
import org.rlhf4j.preference.statistics.DataAgreement;
import org.rlhf4j.preference.statistics.Share;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf data agreement}: how far annotators agree. */
@Command(
        name = "agreement",
        description = {
            "How far annotators agree: Krippendorff's alpha, Cohen's kappa, shares of agreeing pairs, and the accuracy that"
                    + " no scorer can exceed on such labels.",
            "What is judged is two completions of a prompt, or one that has a label; who judges is the field"
                    + " \"annotator\" (--column annotator=FIELD names another one)."
        })
public final class AgreementCommand implements Callable<Integer> {
    private static final int SHOWN = 20;

    private final Terminal terminal;

    @Parameters(arity = "1..*", paramLabel = "F", description = "Files to read together: " + Options.FILES)
    private List<String> files = List.of();

    @Mixin
    private Reading reading = new Reading();

    @Option(names = "--anonymous", description = "Take every row without an annotator as another annotator's.")
    private boolean anonymous;

    @Option(
            names = "--bootstrap",
            paramLabel = "N",
            description = "How many times what was judged is drawn anew for the intervals (default: ${DEFAULT-VALUE}).")
    private int bootstrap = DataAgreement.RESAMPLES;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the drawing (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(names = "--json", description = "End with one JSON object of all figures.")
    private boolean json;

    AgreementCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (bootstrap < 100) {
            throw new UsageException("--bootstrap is " + bootstrap + ", must be at least 100");
        }
        DataAgreement.Result result =
                new DataAgreement(anonymous, bootstrap, seed).run(Options.sources(files, terminal), reading.options());
        result.files().forEach(file -> terminal.note("%s", Options.describe(file)));
        AgreementReport report = result.report();
        AgreementReport.Counts counts = report.counts();
        terminal.result(
                "%s by %s of %s, %d of them judged by two or more",
                count(counts.judgements(), "judgement"),
                count(counts.annotators(), "annotator"),
                count(counts.units(), "thing"),
                counts.shared());
        if (counts.unnamed() > 0) {
            terminal.result("left out %s without an annotator", count(counts.unnamed(), "row"));
        }
        if (counts.shared() == 0) {
            terminal.result("nothing was judged by two annotators, so nothing tells how far they agree");
        } else {
            figures(report);
        }
        if (json) {
            terminal.json(report.figures());
        }
        return ExitCode.DONE;
    }

    private void figures(AgreementReport report) {
        terminal.result("                              value   95% interval");
        line("Krippendorff's alpha, nominal", report.alphaNominal());
        line("                      ordinal", report.alphaOrdinal());
        line("                     interval", report.alphaInterval());
        line("pairs that agree", report.agreement());
        line("  neither of them a tie", report.strictAgreement());
        line("label-noise ceiling", report.ceiling());
        if (report.sameAgain().n() > 0) {
            terminal.result("who judged a thing again said the same: %s", share(report.sameAgain()));
        }
        if (report.counts().undecided() > 0) {
            terminal.result(
                    "%s judged as often one way as another by the same annotator, left out",
                    count(report.counts().undecided(), "thing"));
        }
        terminal.result("annotators beside most of the others");
        report.annotators().stream()
                .limit(SHOWN)
                .forEach(annotator -> terminal.result("  %s  %s", annotator.name(), share(annotator.consensus())));
        more(report.annotators().size());
        terminal.result("every two annotators: things in common, share alike, Cohen's kappa, linear, quadratic");
        report.pairs().stream()
                .limit(SHOWN)
                .forEach(pair -> terminal.result(
                        "  %s, %s: %d, %.3f, %s, %s, %s",
                        pair.a(),
                        pair.b(),
                        pair.same().n(),
                        pair.same().value(),
                        kappa(pair.kappa()),
                        kappa(pair.linearKappa()),
                        kappa(pair.quadraticKappa())));
        more(report.pairs().size());
        if (report.counts().pairsLeftOut() > 0) {
            terminal.result(
                    "%s in common are in no table: there are more than 4096 pairs of annotators",
                    count(report.counts().pairsLeftOut(), "judgement"));
        }
    }

    private void more(int size) {
        if (size > SHOWN) {
            terminal.result("  and %d more (--json has all)", size - SHOWN);
        }
    }

    private void line(String name, Estimate estimate) {
        if (!Double.isNaN(estimate.value())) {
            terminal.result("%-29s %6.3f   %6.3f to %6.3f", name, estimate.value(), estimate.low(), estimate.high());
        }
    }

    /** Undefined where both always said one and the same. */
    private static String kappa(double kappa) {
        return Double.isNaN(kappa) ? "-" : String.format(Locale.ROOT, "%.3f", kappa);
    }

    private static String share(Share share) {
        return String.format(
                Locale.ROOT,
                "%d of %d, %.3f (%.3f to %.3f)",
                share.count(),
                share.n(),
                share.value(),
                share.interval().get(0),
                share.interval().get(1));
    }
}
