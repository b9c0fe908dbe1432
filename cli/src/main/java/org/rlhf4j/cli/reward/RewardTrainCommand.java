package org.rlhf4j.cli.reward;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.ConfigOptions;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.reward.RewardEvaluation;
import org.rlhf4j.reward.RewardTrainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code rlhf reward train}: preferences in, a reward model out. */
@Command(
        name = "train",
        description = {
            "Train a reward model on pairs or rankings.",
            "Starts from a language model, on which it puts a fresh head, or goes on with a reward model. The result is"
                    + " RUN/model, a Hugging Face directory. RUN/config.yaml holds every setting."
        })
final class RewardTrainCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", description = "Language model or reward model to start from.")
    private @Nullable Path model;

    @Option(names = "--data", paramLabel = "FILE", description = "Pairs or rankings, in any known format.")
    private @Nullable Path data;

    @Option(names = "--eval-data", paramLabel = "FILE", description = "Held-out pairs or rankings.")
    private @Nullable Path evalData;

    @Option(names = "--out", required = true, paramLabel = "RUN", description = "New directory of the run.")
    private Path out = Path.of("");

    @Mixin
    private ConfigOptions options = new ConfigOptions();

    @Mixin
    private EncodingOptions encoding = new EncodingOptions();

    @Option(names = "--json", description = "Print the figures as one JSON object, on the last line.")
    private boolean json;

    RewardTrainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        RewardTrainConfig.Encoding chosen = encoding.chosen();
        RewardTrainConfig config = options.applyTo(RewardTrainConfig.reader())
                .flag("--model", "model", model)
                .flag("--data", "data", data)
                .flag("--eval-data", "evalData", evalData)
                .flag("--chat-format", "encoding.chatFormat", chosen.chatFormat())
                .flag("--max-length", "encoding.maxLength", chosen.maxLength())
                .flag("--on-overlong", "encoding.onOverlong", chosen.onOverlong())
                .read();
        terminal.note("%s", ConfigReader.toYaml(config).stripTrailing());
        RewardTrainer.Result result = new RewardRun(config, out, commandLine(), terminal).run();
        report(result);
        return ExitCode.DONE;
    }

    private List<String> commandLine() {
        return spec == null ? List.of() : spec.commandLine().getParseResult().originalArgs();
    }

    private void report(RewardTrainer.Result result) {
        String accuracy = result.evaluation()
                .map(RewardTrainCommand::accuracy)
                .orElse("; without --eval-data nothing says how good it is, and it has no scale for --normalize");
        terminal.result(
                "%s after %d steps%s", out.resolve("model"), result.training().steps(), accuracy);
        if (json) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("run", out.toString());
            values.put("steps", result.training().steps());
            Map<String, @Nullable Double> metrics = new LinkedHashMap<>();
            // JSON has no NaN, which a mean over nothing is.
            result.training()
                    .metrics()
                    .forEach((name, value) -> metrics.put(name, Double.isFinite(value) ? value : null));
            values.put("metrics", metrics);
            terminal.json(values);
        }
    }

    private static String accuracy(RewardEvaluation figures) {
        return String.format(
                Locale.ROOT,
                ": accuracy %.4f (95 %% interval %.4f to %.4f) on %d held-out pairs",
                figures.accuracy(),
                figures.accuracyLow(),
                figures.accuracyHigh(),
                figures.pairs());
    }
}
