package org.rlhf4j.cli.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.ConfigOptions;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.train.TrainingResult;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that every training command has. */
public final class TrainOptions {
    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Model directory to start from; required here or in --config.")
    private @Nullable Path model;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "Rows to learn from, in any known format; required here or in --config.")
    private @Nullable Path data;

    @Option(
            names = "--eval-data",
            paramLabel = "FILE",
            description = "Held-out rows; without them nothing says how it does on other data.")
    private @Nullable Path evalData;

    @Option(names = "--out", required = true, paramLabel = "RUN", description = "New directory of the run.")
    private Path out = Path.of("");

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Mixin
    private EncodingOptions encoding = new EncodingOptions();

    @Option(names = "--json", description = "Print the figures as one JSON object, on the last line.")
    private boolean json;

    /**
     * Puts what was given on top of the defaults.
     *
     * @param reader holds the defaults
     * @param <C> the command's record of settings
     * @return the same reader, for options of the command's own
     */
    public <C extends Record & TrainConfig> ConfigReader<C> applyTo(ConfigReader<C> reader) {
        TextEncoding chosen = encoding.chosen();
        return options.applyTo(reader)
                .flag("--model", "model", model)
                .flag("--data", "data", data)
                .flag("--eval-data", "evalData", evalData)
                .flag("--chat-format", "encoding.chatFormat", chosen.chatFormat())
                .flag("--max-length", "encoding.maxLength", chosen.maxLength())
                .flag("--on-overlong", "encoding.onOverlong", chosen.onOverlong());
    }

    /** The run directory. */
    public Path out() {
        return out;
    }

    /** The command line, word by word. */
    List<String> commandLine() {
        return command == null
                ? List.of()
                : command.commandLine().getParseResult().originalArgs();
    }

    /**
     * Says how a run ended.
     *
     * @param result of the loop
     * @param outcome what it gave, put behind "after N steps"
     * @param terminal where it shows
     */
    public void report(TrainingResult result, String outcome, Terminal terminal) {
        terminal.result("%s after %d steps%s", out.resolve("model"), result.steps(), outcome);
        if (json) {
            Map<String, @Nullable Double> metrics = new LinkedHashMap<>();
            // JSON has no NaN, which a mean over nothing is.
            result.metrics().forEach((name, value) -> metrics.put(name, Double.isFinite(value) ? value : null));
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("run", out.toString());
            values.put("steps", result.steps());
            values.put("metrics", metrics);
            terminal.json(values);
        }
    }
}
