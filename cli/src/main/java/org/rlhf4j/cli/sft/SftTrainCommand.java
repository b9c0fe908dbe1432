package org.rlhf4j.cli.sft;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.TrainingProgress;
import org.rlhf4j.cli.train.EncodingNotes;
import org.rlhf4j.cli.train.Outcome;
import org.rlhf4j.cli.train.RowMemory;
import org.rlhf4j.cli.train.TrainOptions;
import org.rlhf4j.cli.train.TrainRun;
import org.rlhf4j.cli.train.TrainingRows;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.MemoryEstimate;
import org.rlhf4j.lm.data.DemonstrationSet;
import org.rlhf4j.lm.data.EncodedDemonstration;
import org.rlhf4j.lm.data.LossTokens;
import org.rlhf4j.lm.sft.SftEvaluation;
import org.rlhf4j.lm.sft.SftTrainer;
import org.rlhf4j.lm.text.ExampleEncoder;
import org.rlhf4j.preference.CompletionChoice;
import org.rlhf4j.preference.Demonstration;
import org.rlhf4j.preference.read.Preferences;
import org.rlhf4j.preference.read.Rows;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rlhf sft train}: demonstrations in, a language model that writes like them out. */
@Command(
        name = "train",
        description = {
            "Fine-tune a language model on demonstrations: {\"prompt\", \"completion\"}, {\"messages\"} or {\"text\"}; or on"
                    + " the completions of pairs and rankings.",
            "Prompts and turns of the user are read, not imitated, unless --loss all. The result is RUN/model, a Hugging Face directory."
                    + " RUN/config.yaml holds every setting."
        })
final class SftTrainCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private TrainOptions options = new TrainOptions();

    @Option(
            names = "--completions",
            paramLabel = "best|all",
            description = "Which completions of pairs and rankings are imitated (default: best).")
    private @Nullable CompletionChoice completions;

    @Option(
            names = "--loss",
            paramLabel = "completion|all",
            description = "Which tokens are imitated (default: completion); all adds prompts.")
    private @Nullable LossTokens loss;

    @Option(
            names = "--packing",
            description =
                    "Lay the rows of a micro-batch one after the other into as few sequences as the longest needs, none"
                            + " seeing another: faster where lengths differ, with the same results.")
    private @Nullable Boolean packing;

    SftTrainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        SftTrainConfig config = options.applyTo(SftTrainConfig.reader())
                .flag("--completions", "completions", completions)
                .flag("--loss", "loss", loss)
                .flag("--packing", "packing", packing)
                .read();
        return options.run(config, terminal, run -> train(config, run));
    }

    private Outcome train(SftTrainConfig config, TrainRun run) throws IOException {
        LanguageModel opened = LanguageModel.open(
                run.directory(config.model()),
                config.encoding()::apply,
                config.lora().precision(config.dtype()));
        try (LanguageModel model = config.lora().on(opened, config.training().seed())) {
            TrainingRows<EncodedDemonstration> rows = TrainingRows.read(
                            config, model.encoder(), terminal, file -> read(config, file, model.encoder()))
                    .warnOfShared(EncodedDemonstration::example, terminal);
            RowMemory.of(
                            model.parameters(),
                            MemoryEstimate.frozenBytes(model.decoder(), model.parameters()),
                            model.config().sizes(),
                            true,
                            rows.map(row -> List.of(row.example())),
                            config.training())
                    .say(terminal);
            TrainingProgress progress = new TrainingProgress(terminal, "fine-tuning");
            return run.train(progress, model.parameters().count(), (hooks, directory) -> {
                SftTrainer.Result result = new SftTrainer(model, config.training(), config.packing())
                        .train(rows.training(), rows.heldOut(), hooks);
                return Outcome.of(result.training(), directory.model(), () -> {
                    model.save(directory.model());
                    return result.evaluation()
                            .map(SftTrainCommand::figures)
                            .orElse(
                                    "; without --eval-data nothing says how well it predicts rows that it has not seen");
                });
            });
        }
    }

    private List<EncodedDemonstration> read(SftTrainConfig config, Path file, ExampleEncoder encoder) {
        try (Rows<Demonstration> rows = Preferences.readDemonstrations(file, config.completions())) {
            DemonstrationSet set = DemonstrationSet.encode(rows, encoder, config.loss());
            EncodingNotes.counts(file, "demonstrations", set.counts(), terminal);
            return set.rows();
        }
    }

    private static String figures(SftEvaluation figures) {
        return String.format(
                Locale.ROOT,
                ": loss %.4f, perplexity %.2f, token accuracy %.4f on %,d held-out tokens",
                figures.loss(),
                figures.perplexity(),
                figures.tokenAccuracy(),
                figures.tokens());
    }
}
