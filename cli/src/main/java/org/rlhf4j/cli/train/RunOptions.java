package org.rlhf4j.cli.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.ConfigOptions;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.run.MemoryLimit;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.lm.MemoryEstimate;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every command that writes a run directory, and the way from settings to a result. */
public final class RunOptions {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "RUN",
            description = "New directory of the run; with --resume that of the run to go on with.")
    private Path out = Path.of("");

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Mixin
    private ResumeOptions resume = new ResumeOptions();

    @Mixin
    DeviceOption device = new DeviceOption();

    @Option(names = "--json", description = "Print the figures as one JSON object, on the last line.")
    private boolean json;

    /** Reads, trains and saves. */
    @FunctionalInterface
    public interface Training {
        /**
         * Does it, within {@link TrainRun#train}.
         *
         * @param run not yet written to
         * @return what came out
         */
        Outcome in(TrainRun run) throws IOException;
    }

    /**
     * Puts what was given on top of the defaults.
     *
     * @param reader holds the defaults
     * @param seedKey the setting that {@code --seed} stands for
     * @param <C> the command's record of settings
     * @return the same reader, for options of the command's own
     */
    public <C extends Record> ConfigReader<C> applyTo(ConfigReader<C> reader, String seedKey) {
        return options.applyTo(resume.resume() ? reader.file(settingsOf(out)) : reader, seedKey);
    }

    private static Path settingsOf(Path run) {
        try {
            return RunDirectory.open(Storage.disk(), run).configFile();
        } catch (IOException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Shows the settings, trains, and says how it ended.
     *
     * @param config every setting
     * @param sources what the run is made from
     * @param terminal where it shows
     * @param training does the work
     * @return the exit code
     * @throws IOException if the run directory holds something, or something cannot be read or written
     */
    public int run(Record config, RunSources sources, Terminal terminal, Training training) throws IOException {
        List<String> words = command == null
                ? List.of()
                : command.root().commandLine().getParseResult().originalArgs();
        try (TrainRun run = new TrainRun(config, sources, out, resume, words, terminal)) {
            Path result = run.finished().orElse(null);
            if (result != null) {
                terminal.result("nothing left to do: the run has ended, its result is %s", result);
                figures(new Outcome(result, 0, Map.of(), ""), terminal);
                return ExitCode.DONE;
            }
            Outcome outcome = training.in(run);
            MemoryLimit.peak()
                    .ifPresent(peak ->
                            terminal.note("memory: at most %s GiB were resident", MemoryEstimate.gibibytes(peak)));
            Path saved = outcome.saved();
            if (saved == null) {
                terminal.result("interrupted after %d steps; go on with: %s", outcome.steps(), run.howToGoOn());
            } else {
                terminal.result("%s after %d steps%s", saved, outcome.steps(), outcome.summary());
            }
            figures(outcome, terminal);
            return outcome.interrupted() ? run.stoppedWith() : ExitCode.DONE;
        }
    }

    private void figures(Outcome outcome, Terminal terminal) {
        if (json) {
            Map<String, @Nullable Double> metrics = new LinkedHashMap<>();
            // JSON has no NaN, which a mean over nothing is.
            outcome.metrics().forEach((name, value) -> metrics.put(name, Double.isFinite(value) ? value : null));
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("run", out.toString());
            values.put("steps", outcome.steps());
            values.put("metrics", metrics);
            values.put("interrupted", outcome.interrupted());
            terminal.json(values);
        }
    }
}
