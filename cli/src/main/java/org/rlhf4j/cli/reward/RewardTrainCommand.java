package org.rlhf4j.cli.reward;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.train.EncodingNotes;
import org.rlhf4j.cli.train.PreferenceRows;
import org.rlhf4j.cli.train.TrainOptions;
import org.rlhf4j.cli.train.TrainRun;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.data.ComparisonSet;
import org.rlhf4j.preference.RankingPairs;
import org.rlhf4j.reward.RewardEvaluation;
import org.rlhf4j.reward.RewardModel;
import org.rlhf4j.reward.RewardTrainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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

    @Mixin
    private TrainOptions options = new TrainOptions();

    RewardTrainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        RewardTrainConfig config = options.applyTo(RewardTrainConfig.reader()).read();
        RewardTrainer.Result result = train(new TrainRun<>(config, options, terminal));
        String accuracy = result.evaluation()
                .map(RewardTrainCommand::accuracy)
                .orElse("; without --eval-data nothing says how good it is, and it has no scale for --normalize");
        options.report(result.training(), accuracy, terminal);
        return ExitCode.DONE;
    }

    private RewardTrainer.Result train(TrainRun<RewardTrainConfig> run) throws IOException {
        RewardTrainConfig config = run.config();
        try (RewardModel model = RewardModel.start(
                config.model(), config.encoding()::apply, config.training().seed())) {
            List<Comparison> rows = read(config, config.data(), model);
            Path evalData = config.evalData();
            List<Comparison> heldOut = evalData == null ? List.of() : read(config, evalData, model);
            EncodingNotes.plainMarkers(model.encoder(), terminal);
            return run.train("reward model", model.parameters().count(), (hooks, target) -> {
                RewardTrainer.Result result =
                        new RewardTrainer(model, config.loss(), config.training()).train(rows, heldOut, hooks);
                model.save(
                        target,
                        result.evaluation().flatMap(RewardEvaluation::scale).orElse(null));
                return result;
            });
        }
    }

    private List<Comparison> read(RewardTrainConfig config, Path file, RewardModel model) {
        ComparisonSet set = config.objective() == RewardTrainConfig.Objective.PLACKETT_LUCE
                ? PreferenceRows.whole(file, model.encoder(), config.joinPairs(), terminal)
                : PreferenceRows.pairs(
                        file,
                        new RankingPairs(config.pairs(), config.ties(), config.weights()),
                        model.encoder(),
                        config.joinPairs(),
                        terminal);
        return set.rows();
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
