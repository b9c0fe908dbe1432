package org.rlhf4j.cli.data;

import static org.rlhf4j.cli.data.Options.count;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.preference.clean.DataSplit;
import org.rlhf4j.preference.clean.SplitReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf data split}: rows to train on and rows to test on, without a prompt in both. */
@Command(
        name = "split",
        description = {
            "Divide a file so that no prompt is on both sides. Rows stay as they are and in their order.",
            "The same seed and rows give the same files; the fraction is met to within half the rows of one prompt."
        })
public final class SplitCommand implements Callable<Integer> {
    /** What must not be on both sides. */
    enum By {
        /** Rows of one prompt stay together. */
        PROMPT
    }

    private final Terminal terminal;

    @Parameters(paramLabel = "F", description = "The file; it is read twice, so it cannot be standard input.")
    private String file = Options.DASH;

    @Option(names = "--train", required = true, paramLabel = "F", description = "File for the rows to train on.")
    private Path train = Path.of(Options.DASH);

    @Option(names = "--test", required = true, paramLabel = "F", description = "File for the rows to test on.")
    private Path test = Path.of(Options.DASH);

    @Option(
            names = "--fraction",
            paramLabel = "X",
            description = "Share of the rows to test on, between 0 and 1 (default: ${DEFAULT-VALUE}).")
    private double fraction = 0.1;

    @Option(
            names = "--by",
            paramLabel = "prompt",
            description = "What must not be on both sides: prompt (the only choice).")
    private By by = By.PROMPT;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Another seed, another choice (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Mixin
    private Reading reading = new Reading();

    @Option(names = "--json", description = "End with one JSON object: train_rows, test_rows, ...")
    private boolean json;

    SplitCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (file.equals(Options.DASH)) {
            throw new UsageException("split reads its input twice, so it cannot be standard input (-); name a file");
        }
        if (!(fraction > 0 && fraction < 1)) {
            throw new UsageException("--fraction is " + fraction + ", must be between 0 and 1");
        }
        if (train.toAbsolutePath().normalize().equals(test.toAbsolutePath().normalize())) {
            throw new UsageException("--train and --test are the same file");
        }
        SplitReport report = Options.writeAtomically(
                train,
                trainRows -> Options.writeAtomically(
                        test,
                        testRows -> new DataSplit(fraction, seed)
                                .run(Path.of(file), reading.options(), trainRows, testRows)));
        terminal.note("%s", Options.describe(report.file()));
        terminal.result(
                "%s: %s of %s", train, count(report.trainRows(), "row"), count(report.trainPrompts(), "prompt"));
        terminal.result(
                "%s: %s of %s; no %s is in both",
                test,
                count(report.testRows(), "row"),
                count(report.testPrompts(), "prompt"),
                by.name().toLowerCase(java.util.Locale.ROOT));
        if (json) {
            terminal.json(report.figures());
        }
        return ExitCode.DONE;
    }
}
