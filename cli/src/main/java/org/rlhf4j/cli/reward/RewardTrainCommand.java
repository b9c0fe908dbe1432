package org.rlhf4j.cli.reward;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.TrainingProgress;
import org.rlhf4j.cli.train.Outcome;
import org.rlhf4j.cli.train.PreferenceRows;
import org.rlhf4j.cli.train.RowMemory;
import org.rlhf4j.cli.train.TrainOptions;
import org.rlhf4j.cli.train.TrainRun;
import org.rlhf4j.cli.train.TrainingRows;
import org.rlhf4j.core.tensor.Precision;
import org.rlhf4j.lm.MemoryEstimate;
import org.rlhf4j.lm.ModelConfig;
import org.rlhf4j.lm.data.Comparison;
import org.rlhf4j.lm.data.ComparisonSet;
import org.rlhf4j.lm.text.ExampleEncoder;
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
        return options.run(config, terminal, run -> train(config, run));
    }

    private Outcome train(RewardTrainConfig config, TrainRun run) throws IOException {
        try (RewardModel model = start(config, run.directory(config.model()))) {
            TrainingRows<Comparison> rows = TrainingRows.read(
                            config, model.encoder(), terminal, file -> read(config, file, model.encoder()))
                    .warnOfShared(row -> row.examples().get(0), terminal);
            sayMemory(config, model, rows);
            TrainingProgress progress = new TrainingProgress(terminal, "reward model");
            return run.train(progress, model.parameters().count(), (hooks, directory) -> {
                RewardTrainer.Result result = new RewardTrainer(model, config.loss(), config.training())
                        .train(rows.training(), rows.heldOut(), hooks);
                return Outcome.of(result.training(), directory.model(), () -> {
                    model.save(
                            directory.model(),
                            result.evaluation().flatMap(RewardEvaluation::scale).orElse(null));
                    return result.evaluation()
                            .map(RewardTrainCommand::accuracy)
                            .orElse(
                                    "; without --eval-data nothing says how good it is, and it has no scale for --normalize");
                });
            });
        }
    }

    /** The estimate is of decoders. */
    private void sayMemory(RewardTrainConfig config, RewardModel model, TrainingRows<Comparison> rows) {
        if (model.scorer().backbone().config() instanceof ModelConfig decoder) {
            RowMemory.of(
                            model.parameters(),
                            MemoryEstimate.frozenBytes(model.scorer().backbone(), model.parameters()),
                            decoder.sizes(),
                            false,
                            rows.map(Comparison::examples),
                            config.training())
                    .say(terminal);
        }
    }

    private static RewardModel start(RewardTrainConfig config, Path directory) {
        long seed = config.training().seed();
        Precision precision = config.lora().precision(config.dtype());
        return config.lora().enabled()
                ? RewardModel.start(
                        directory,
                        config.encoding()::apply,
                        seed,
                        precision,
                        config.lora().config())
                : RewardModel.start(directory, config.encoding()::apply, seed, precision);
    }

    private List<Comparison> read(RewardTrainConfig config, Path file, ExampleEncoder encoder) {
        ComparisonSet set = config.objective() == RewardTrainConfig.Objective.PLACKETT_LUCE
                ? PreferenceRows.whole(file, encoder, config.joinPairs(), terminal)
                : PreferenceRows.pairs(file, config, encoder, terminal);
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
