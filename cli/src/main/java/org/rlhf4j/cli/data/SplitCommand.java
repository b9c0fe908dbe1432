package org.rlhf4j.cli.data;

import static org.rlhf4j.cli.data.Options.count;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.preference.clean.DataSplit;
import org.rlhf4j.preference.clean.NearSettings;
import org.rlhf4j.preference.clean.SplitReport;
import org.rlhf4j.preference.read.DataSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf data split}: rows to train on and rows to test on, without a prompt in both. */
@Command(
        name = "split",
        description = {
            "Divide files so that no prompt is on two sides. Rows stay as they are and in their order.",
            "The same seed and rows give the same files; a fraction is met to within half the rows of one prompt."
        })
public final class SplitCommand implements Callable<Integer> {
    /** What must not be on both sides. */
    enum By {
        /** Rows of one prompt stay together. */
        PROMPT
    }

    private final Terminal terminal;

    @Parameters(
            arity = "1..*",
            paramLabel = "F",
            description = "The files; they are read twice, so none can be standard input.")
    private List<String> files = List.of();

    @Option(names = "--train", required = true, paramLabel = "F", description = "File for the rows to train on.")
    private Path train = Path.of(Options.DASH);

    @Option(names = "--test", required = true, paramLabel = "F", description = "File for the rows to test on.")
    private Path test = Path.of(Options.DASH);

    @Option(names = "--valid", paramLabel = "F", description = "File for rows to validate on, if there shall be any.")
    private @Nullable Path valid;

    @Option(
            names = "--fraction",
            paramLabel = "X",
            description = "Share of the rows to test on, between 0 and 1 (default: ${DEFAULT-VALUE}).")
    private double fraction = 0.1;

    @Option(
            names = "--valid-fraction",
            paramLabel = "X",
            description = "Share of the rows to validate on (default: that to test on).")
    private @Nullable Double validFraction;

    @Option(
            names = "--by",
            paramLabel = "prompt",
            description = "What must not be on two sides: prompt (the only choice); a conversation counts up to the"
                    + " assistant's first turn.")
    private By by = By.PROMPT;

    @Option(names = "--near", description = "Keep prompts together that are nearly the same (MinHash).")
    private boolean near;

    @Option(
            names = "--threshold",
            paramLabel = "X",
            description = "With --near: from which Jaccard similarity on, of runs of 8 characters (default: 0.8).")
    private @Nullable Double threshold;

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Another seed, another choice (default: ${DEFAULT-VALUE}).")
    private long seed = 42;

    @Mixin
    private Reading reading = new Reading();

    @Option(names = "--lineage", description = "Write TRAIN.lineage.json: inputs, settings and counts.")
    private boolean lineage;

    @Option(names = "--json", description = "End with one JSON object: train_rows, test_rows, ...")
    private boolean json;

    SplitCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        requireSense();
        DataSplit split = split();
        List<DataSource> sources = Options.sources(files, terminal);
        Options.requireNoInput(sources, train, valid, test);
        Recording recording = new Recording(sources);
        SplitReport report = run(split, recording);
        if (lineage) {
            recording.finish("data split", train, reading.options(), report.files(), done(split, report));
        }
        report.files().forEach(file -> terminal.note("%s", Options.describe(file)));
        print(train, report.train(), "");
        if (valid != null && report.valid() != null) {
            print(valid, report.valid(), "");
        }
        print(test, report.test(), "; no prompt is in " + (valid == null ? "both" : "two of them"));
        if (json) {
            terminal.json(report.figures());
        }
        return ExitCode.DONE;
    }

    private void requireSense() {
        if (files.contains(Options.DASH)) {
            throw new UsageException("split reads its input twice, so it cannot be standard input (-); name a file");
        }
        if (valid == null && validFraction != null) {
            throw new UsageException("--valid-fraction says how much goes to the file that --valid names; add --valid");
        }
        if (threshold != null && !near) {
            throw new UsageException("--threshold says when prompts are nearly the same; add --near");
        }
        double validated = validated();
        if (!(fraction > 0 && fraction < 1)) {
            throw new UsageException("--fraction is " + fraction + ", must be between 0 and 1");
        }
        if (valid != null && !(validated > 0 && fraction + validated < 1)) {
            throw new UsageException("--valid-fraction is " + validated + " and --fraction " + fraction
                    + ": both must be above 0 and leave something to train on");
        }
        List<Path> outputs = Stream.of(train, valid, test)
                .filter(Objects::nonNull)
                .map(file -> file.toAbsolutePath().normalize())
                .toList();
        if (outputs.stream().distinct().count() < outputs.size()) {
            throw new UsageException((valid == null ? "--train and --test" : "two of --train, --valid and --test")
                    + " are the same file");
        }
    }

    private double validated() {
        if (valid == null) {
            return 0;
        }
        return validFraction == null ? fraction : validFraction;
    }

    private DataSplit split() {
        try {
            NearSettings together =
                    threshold == null ? NearSettings.STANDARD : NearSettings.STANDARD.withThreshold(threshold);
            return new DataSplit(fraction, validated(), seed, near ? together : null);
        } catch (DataFormatException e) {
            throw new UsageException(e.reason());
        }
    }

    private SplitReport run(DataSplit split, Recording recording) throws IOException {
        Path validFile = valid;
        return recording.write(
                train,
                trainRows -> recording.write(test, testRows -> {
                    if (validFile == null) {
                        return split.run(
                                recording.sources(), reading.options(), new DataSplit.Parts(trainRows, null, testRows));
                    }
                    return recording.write(
                            validFile,
                            validRows -> split.run(
                                    recording.sources(),
                                    reading.options(),
                                    new DataSplit.Parts(trainRows, validRows, testRows)));
                }));
    }

    private Map<String, Object> done(DataSplit split, SplitReport report) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("by", by.name().toLowerCase(Locale.ROOT));
        settings.put("fraction", split.testFraction());
        settings.put("valid_fraction", split.validFraction());
        settings.put("seed", split.seed());
        settings.put("near", split.near());
        Map<String, Object> done = new LinkedHashMap<>();
        done.put("split", settings);
        done.put("report", report.figures());
        return done;
    }

    private void print(Path file, SplitReport.Part part, String rest) {
        String prompts = near ? count(part.prompts(), "group") + " of near prompts" : count(part.prompts(), "prompt");
        terminal.result("%s: %s of %s%s", file, count(part.rows(), "row"), prompts, rest);
    }
}
