package org.rlhf4j.cli.reward;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.train.ComputeOptions;
import org.rlhf4j.cli.train.EncodingOptions;
import org.rlhf4j.cli.train.PreferenceRows;
import org.rlhf4j.lm.data.ComparisonSet;
import org.rlhf4j.reward.RewardEvaluation;
import org.rlhf4j.reward.RewardEvaluator;
import org.rlhf4j.reward.RewardModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rlhf reward eval}: how well a reward model agrees with labelled pairs. */
@Command(
        name = "eval",
        description = {
            "Hold a reward model against labelled pairs or rankings.",
            "A ranking counts as all the pairs that its ranks order. Equal scores are wrong; tied labels count in the"
                    + " loss only."
        })
final class RewardEvalCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Option(
            names = "--model",
            required = true,
            paramLabel = Models.LABEL,
            description = "Reward model: a directory, or org/name on the Hugging Face Hub.")
    private Path model = Path.of("");

    @Option(
            names = "--data",
            required = true,
            paramLabel = "FILE",
            description = "Pairs or rankings, in any known format.")
    private Path data = Path.of("");

    @Mixin
    private ComputeOptions compute = new ComputeOptions();

    @Mixin
    private EncodingOptions encoding = new EncodingOptions();

    @Option(names = "--json", description = "Print the figures as one JSON object, on the last line.")
    private boolean json;

    RewardEvalCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        try (RewardModel rewardModel = RewardModel.open(
                new Models(terminal).directory(model), encoding.chosen()::apply, compute.precision(terminal))) {
            ComparisonSet rows = PreferenceRows.whole(data, rewardModel.encoder(), true, terminal);
            RewardEvaluation figures = RewardEvaluator.evaluate(rewardModel, rows.rows());
            terminal.result("pairs                        %d (%d ties)", figures.pairs(), figures.ties());
            terminal.result(
                    "accuracy                     %.4f (95 %% interval %.4f to %.4f)",
                    figures.accuracy(), figures.accuracyLow(), figures.accuracyHigh());
            terminal.result("margin                       %.4f", figures.margin());
            terminal.result("expected calibration error   %.4f", figures.calibrationError());
            terminal.result("loss                         %.4f nats (chance: 0.6931)", figures.loss());
            terminal.result(
                    "score                        %.4f mean, %.4f standard deviation",
                    figures.scoreMean(), figures.scoreDeviation());
            if (json) {
                terminal.json(figures(figures));
            }
        }
        return ExitCode.DONE;
    }

    private static Map<String, Object> figures(RewardEvaluation figures) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("n", figures.pairs());
        values.put("ties", figures.ties());
        if (figures.pairs() > figures.ties()) {
            values.put("accuracy", figures.accuracy());
            values.put("accuracy_ci95", List.of(figures.accuracyLow(), figures.accuracyHigh()));
            values.put("margin", figures.margin());
            values.put("ece", figures.calibrationError());
        }
        values.put("loss", figures.loss());
        values.put("score_mean", figures.scoreMean());
        values.put("score_deviation", figures.scoreDeviation());
        return values;
    }
}
