package org.rlhf4j.cli.dpo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.TrainingProgress;
import org.rlhf4j.cli.train.Outcome;
import org.rlhf4j.cli.train.PreferenceRows;
import org.rlhf4j.cli.train.RowMemory;
import org.rlhf4j.cli.train.TrainOptions;
import org.rlhf4j.cli.train.TrainRun;
import org.rlhf4j.cli.train.TrainingRows;
import org.rlhf4j.core.train.RunHooks;
import org.rlhf4j.core.train.TrainingResult;
import org.rlhf4j.dpo.DpoTrainer;
import org.rlhf4j.dpo.ReferenceCache;
import org.rlhf4j.dpo.ReferenceLogProbs;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.MemoryEstimate;
import org.rlhf4j.lm.data.Comparison;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rlhf dpo train}: preferences and a language model in, an aligned language model out. */
@Command(
        name = "train",
        description = {
            "Train a language model on pairs or rankings by direct preference optimisation.",
            "Start from a model that was fine-tuned on completions like those compared. The result is RUN/model, a"
                    + " Hugging Face directory. RUN/config.yaml holds every setting."
        })
final class DpoTrainCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private TrainOptions options = new TrainOptions();

    @Option(
            names = "--objective",
            paramLabel = "NAME",
            description = "What a pair costs: sigmoid, conservative, robust, hinge, ipo or ipo-sum (default: sigmoid).")
    private @Nullable String objective;

    @Option(
            names = "--beta",
            paramLabel = "NUMBER",
            description = "How strongly the policy is held to the reference (default: 0.1).")
    private @Nullable Double beta;

    @Option(
            names = "--label-smoothing",
            paramLabel = "NUMBER",
            description =
                    "Share of labels assumed wrong, 0 to below 0.5; required by conservative and robust, refused by"
                            + " the others.")
    private @Nullable Double labelSmoothing;

    DpoTrainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        DpoTrainConfig config = options.applyTo(DpoTrainConfig.reader())
                .flag("--objective", "loss.objective.type", objective)
                .flag("--beta", "loss.beta", beta)
                .flag("--label-smoothing", "loss.objective.labelSmoothing", labelSmoothing)
                .read();
        return options.run(config, terminal, run -> train(config, run));
    }

    private Outcome train(DpoTrainConfig config, TrainRun run) throws IOException {
        LanguageModel opened = LanguageModel.open(
                run.directory(config.model()),
                config.encoding()::apply,
                config.lora().precision(config.dtype()));
        try (LanguageModel policy = config.lora().on(opened, config.training().seed())) {
            TrainingRows<Comparison> rows = TrainingRows.read(
                            config, policy.encoder(), terminal, file -> read(config, file, policy))
                    .warnOfShared(row -> row.examples().get(0), terminal);
            boolean live = config.reference() == DpoTrainConfig.Reference.LIVE;
            RowMemory.of(
                            policy.parameters(),
                            MemoryEstimate.frozenBytes(policy.decoder(), policy.parameters())
                                    + (live ? policy.parameters().bytes() : 0),
                            policy.config().sizes(),
                            true,
                            rows.map(Comparison::examples),
                            config.training())
                    .say(terminal);
            TrainingProgress progress = new TrainingProgress(terminal, "DPO");
            return run.train(progress, policy.parameters().count(), (hooks, directory) -> {
                TrainingResult result = train(config, run, policy, rows, hooks);
                return Outcome.of(result, directory.model(), () -> {
                    policy.save(directory.model());
                    DpoTrainer.warning(result).ifPresent(warning -> terminal.note("%s", warning));
                    return outcome(result.metrics());
                });
            });
        }
    }

    private TrainingResult train(
            DpoTrainConfig config, TrainRun run, LanguageModel policy, TrainingRows<Comparison> rows, RunHooks hooks)
            throws IOException {
        if (config.reference() == DpoTrainConfig.Reference.LIVE) {
            try (LanguageModel frozen = policy.adapter().isPresent()
                    ? policy.frozen()
                    : LanguageModel.open(
                            run.directory(config.model()),
                            UnaryOperator.identity(),
                            config.dtype().frozen())) {
                return trainer(config, policy, new ReferenceLogProbs.Live(frozen))
                        .train(rows.training(), rows.heldOut(), hooks);
            }
        }
        Consumer<String> notes = note -> terminal.note("%s", note);
        Path folder = config.referenceCache();
        ReferenceCache cache = folder == null ? ReferenceCache.ofUser(notes) : new ReferenceCache(folder, notes);
        ReferenceLogProbs reference =
                ReferenceLogProbs.precompute(policy, DpoTrainer.completions(rows.training(), rows.heldOut()), cache);
        return trainer(config, policy, reference).train(rows.training(), rows.heldOut(), hooks);
    }

    private static DpoTrainer trainer(DpoTrainConfig config, LanguageModel policy, ReferenceLogProbs reference) {
        return new DpoTrainer(policy, reference, config.loss(), config.training());
    }

    private List<Comparison> read(DpoTrainConfig config, Path file, LanguageModel policy) {
        List<Comparison> rows =
                PreferenceRows.pairs(file, config, policy.encoder(), terminal).rows();
        if (rows.stream().anyMatch(DpoTrainCommand::hasMargin)) {
            terminal.note("%s: margins are not used by DPO", file);
        }
        return rows;
    }

    private static boolean hasMargin(Comparison row) {
        return row instanceof Comparison.Pairs group
                && group.preferences().stream().anyMatch(pair -> pair.margin() != 0);
    }

    private static String outcome(Map<String, Double> metrics) {
        Double accuracy = metrics.get("eval_rewards/accuracies");
        Double margin = metrics.get("eval_rewards/margins");
        if (accuracy == null || margin == null) {
            return metrics.containsKey("eval_loss")
                    ? "; no held-out pair has a preferred side"
                    : "; without --eval-data nothing says how it does on other pairs";
        }
        return String.format(
                Locale.ROOT,
                ": the chosen completion has the higher reward in %.1f %% of the held-out pairs, by %.4f on"
                        + " average",
                100 * accuracy,
                margin);
    }
}
