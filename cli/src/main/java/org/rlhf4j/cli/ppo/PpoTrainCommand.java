package org.rlhf4j.cli.ppo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.LineAppender;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.Plugins;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.TrainingProgress;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.cli.scorer.OpenRewards;
import org.rlhf4j.cli.scorer.RewardSetting;
import org.rlhf4j.cli.train.Dtype;
import org.rlhf4j.cli.train.EncodingNotes;
import org.rlhf4j.cli.train.EncodingOptions;
import org.rlhf4j.cli.train.LoraOptions;
import org.rlhf4j.cli.train.MemoryOptions;
import org.rlhf4j.cli.train.Outcome;
import org.rlhf4j.cli.train.PromptRows;
import org.rlhf4j.cli.train.RunOptions;
import org.rlhf4j.cli.train.TextEncoding;
import org.rlhf4j.cli.train.TrainRun;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.ppo.text.Critic;
import org.rlhf4j.ppo.text.PpoTextListener;
import org.rlhf4j.ppo.text.PpoTextResult;
import org.rlhf4j.ppo.text.PpoTextTrainer;
import org.rlhf4j.ppo.text.RewardSource;
import org.rlhf4j.ppo.text.Rewards;
import org.rlhf4j.reward.RewardModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rlhf ppo train}: prompts, a reward and a language model in, an aligned language model out. */
@Command(
        name = "train",
        description = {
            "Train a language model by proximal policy optimisation (PPO) to earn a reward.",
            "In turn it completes prompts, the rewards score its completions, and it learns from the scores; a penalty"
                    + " on the divergence (KL) keeps it near the model that it started from. The result is RUN/model, a"
                    + " Hugging Face directory. RUN/samples.jsonl has completions from the way there, RUN/metrics.jsonl"
                    + " the figures, RUN/config.yaml every setting."
        })
final class PpoTrainCommand implements Callable<Integer> {
    private static final TrainingProgress.Words WORDS =
            new TrainingProgress.Words("tokens", "objective/raw_scores", "score %.3f");

    private final Terminal terminal;

    @Option(
            names = "--model",
            paramLabel = Models.LABEL,
            description =
                    "Language model (a directory, or org/name on the Hugging Face Hub) to start from and to be kept"
                            + " near to, best one that was fine-tuned on completions like those wanted. Required here or"
                            + " in --config.")
    private @Nullable Path model;

    @Option(
            names = "--reward",
            paramLabel = Models.LABEL + "|CLASS[=WEIGHT]",
            description = "What is to be earned: a reward model, or a Java class that implements"
                    + " CompletionScorer. May be repeated: scores are added up by their weights, 1 when absent."
                    + " Required here or in --config.")
    private List<String> rewards = new ArrayList<>();

    @Mixin
    private Plugins plugins = new Plugins();

    @Option(
            names = "--prompts",
            paramLabel = "FILE",
            description =
                    "Rows with a \"prompt\", in any known format; each prompt counts once. Required here or in --config.")
    private @Nullable Path prompts;

    @Option(
            names = "--eval-data",
            paramLabel = "FILE",
            description = "Rows with held-out prompts; without them nothing says how it does on others.")
    private @Nullable Path evalData;

    @Option(
            names = "--episodes",
            paramLabel = "N",
            description = "Completions of the whole run (training.totalEpisodes); one a prompt when absent.")
    private @Nullable Long episodes;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description = "Most tokens of a completion (training.maxNewTokens; default: 53).")
    private @Nullable Integer maxNewTokens;

    @Option(
            names = "--kl-coef",
            paramLabel = "X",
            description = "What moving away costs: score for each nat of KL (training.kl.coef; default: 0.05).")
    private @Nullable Double klCoef;

    @Option(
            names = "--kl-target",
            paramLabel = "NATS",
            description =
                    "KL in nats a completion that --kl-coef is steered to (training.kl.target); it stays when absent.")
    private @Nullable Double klTarget;

    @Mixin
    private MemoryOptions memory = new MemoryOptions();

    @Mixin
    private LoraOptions lora = new LoraOptions();

    @Option(
            names = "--dtype",
            paramLabel = "float32|bfloat16",
            description =
                    "What layers compute in (default: float32). With bfloat16 weights that are trained stay float32, frozen"
                            + " ones take half the memory.")
    private @Nullable Dtype dtype;

    @Mixin
    private RunOptions options = new RunOptions();

    @Mixin
    private EncodingOptions encoding = new EncodingOptions();

    PpoTrainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        PpoTrainConfig config = read();
        List<Path> models = config.rewards().stream()
                .map(RewardSetting::source)
                .filter(Models::isModel)
                .map(Path::of)
                .toList();
        return options.run(config, config.sources(models, plugins.jars()), terminal, run -> train(config, run));
    }

    private PpoTrainConfig read() {
        TextEncoding chosen = encoding.chosen();
        ConfigReader<PpoTrainConfig> reader = lora.applyTo(memory.applyTo(
                        options.applyTo(TextEncoding.beginningToday(PpoTrainConfig.reader()), "training.seed"),
                        "training.ppo."))
                .flag("--model", "model", model)
                .flag("--prompts", "prompts", prompts)
                .flag("--eval-data", "evalData", evalData)
                .flag("--dtype", "dtype", dtype)
                .flag("--episodes", "training.totalEpisodes", episodes)
                .flag("--max-new-tokens", "training.maxNewTokens", maxNewTokens)
                .flag("--kl-coef", "training.kl.coef", klCoef)
                .flag("--kl-target", "training.kl.target", klTarget)
                .flag("--chat-format", "encoding.chatFormat", chosen.chatFormat())
                .flag("--template-date", "encoding.templateDate", chosen.templateDate())
                .flag("--max-length", "encoding.maxLength", chosen.maxLength())
                .flag("--on-overlong", "encoding.onOverlong", chosen.onOverlong());
        if (!rewards.isEmpty()) {
            reader.flag(
                    "--reward",
                    "rewards",
                    rewards.stream()
                            .map(reward -> RewardSetting.parse("--reward", reward))
                            .toList());
        }
        return reader.read();
    }

    private Outcome train(PpoTrainConfig config, TrainRun run) throws IOException {
        Path start = run.directory(config.model());
        LanguageModel plain = LanguageModel.open(
                start, config.encoding()::apply, config.lora().precision(config.dtype()));
        try (LanguageModel policy = config.lora().on(plain, config.training().seed());
                LanguageModel reference = policy.adapter().isPresent()
                        ? policy.frozen()
                        : LanguageModel.open(
                                start, config.encoding()::apply, config.dtype().frozen());
                OpenRewards opened = OpenRewards.open("--reward", config.rewards(), plugins, run.models());
                Critic critic = critic(config, policy, run)) {
            int room = config.training().maxNewTokens();
            List<Content> asked = PromptRows.answerable(config.prompts(), policy, room, terminal);
            List<Content> heldOut = config.evalData() == null
                    ? List.of()
                    : PromptRows.answerable(config.evalData(), policy, room, terminal);
            EncodingNotes.plainMarkers(policy.encoder(), terminal);
            warnOfSharedPrompts(asked, heldOut);
            warnOfShortRewards(opened.sources(), policy);
            Rewards earned = new Rewards(opened.sources(), config.training().score());
            PpoTextTrainer trainer = new PpoTextTrainer(policy, reference, critic, earned, config.training());
            trainer.requireRunnable(asked, heldOut);
            new PpoMemory(policy, reference, critic, opened.sources(), config.training())
                    .of(asked)
                    .say(terminal);
            TrainingProgress progress = new TrainingProgress(terminal, "PPO", WORDS);
            return run.train(progress, policy.parameters().count(), (hooks, directory) -> {
                try (LineAppender samples = directory.samples()) {
                    PpoTextResult result =
                            trainer.train(asked, heldOut, hooks.log(samples), new Listener(samples, progress));
                    progress.clear();
                    if (result.interrupted()) {
                        return Outcome.interrupted(result.rollouts(), result.metrics());
                    }
                    policy.save(directory.model());
                    if (Files.exists(directory.unfinished())) {
                        // What a failure left, after which this run went on.
                        Storage.disk().deleteTree(directory.unfinished());
                    }
                    return new Outcome(directory.model(), result.rollouts(), result.metrics(), summary(result));
                } catch (RuntimeException e) {
                    rescue(policy, directory, e);
                    throw e;
                }
            });
        }
    }

    /** What was learned before a failure is not lost with it, and what was saved at an earlier one stays until then. */
    private void rescue(LanguageModel policy, RunDirectory directory, RuntimeException failure) {
        Path unfinished = directory.unfinished();
        try {
            Path earlier = unfinished;
            for (int i = 1; Files.exists(earlier); i++) {
                earlier = unfinished.resolveSibling(unfinished.getFileName() + "-" + i);
            }
            boolean again = Files.exists(unfinished);
            if (again) {
                Storage.disk().rename(unfinished, earlier);
            }
            policy.save(unfinished);
            terminal.note("the policy as it was before the failure is in %s", unfinished);
            if (again) {
                Storage.disk().deleteTree(earlier);
            }
        } catch (IOException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private void warnOfShortRewards(List<RewardSource> sources, LanguageModel policy) {
        int longest = policy.encoder().policy().maxLength();
        for (RewardSource source : sources) {
            if (source.scorer() instanceof RewardModel reward
                    && reward.encoder().policy().maxLength() < longest) {
                terminal.note(
                        "%s reads at most %d tokens, the policy writes up to %d with its prompt: of what is longer it does not"
                                + " see the beginning",
                        source.name(), reward.encoder().policy().maxLength(), longest);
            }
        }
    }

    private void warnOfSharedPrompts(List<Content> asked, List<Content> heldOut) {
        Set<Content> trained = new HashSet<>(asked);
        long shared = heldOut.stream().filter(trained::contains).count();
        if (shared > 0) {
            terminal.note(
                    "%d of %d held-out prompts are trained on too; rlhf data split keeps them apart",
                    shared, heldOut.size());
        }
    }

    private static Critic critic(PpoTrainConfig config, LanguageModel policy, TrainRun run) throws IOException {
        return switch (config.training().critic().start()) {
            case REWARD -> Critic.open(run.directory(wantedModel(config)), policy);
            case POLICY ->
                policy.adapter().isPresent()
                        ? Critic.besideAdapter(policy, config.training().seed())
                        : Critic.open(run.directory(config.model()), policy);
            case HEAD -> Critic.onPolicy(policy);
        };
    }

    /** The first reward model whose score is to be high. */
    private static Path wantedModel(PpoTrainConfig config) {
        return config.rewards().stream()
                .filter(reward -> reward.weight() > 0)
                .map(RewardSetting::source)
                .filter(Models::isModel)
                .findFirst()
                .map(Path::of)
                .orElseThrow(() -> new UsageException(
                        "training.critic.start is reward, but no --reward is a reward model with a weight"
                                + " above 0: choose policy or head"));
    }

    private static String summary(PpoTextResult result) {
        Map<String, Double> metrics = result.metrics();
        StringBuilder text = new StringBuilder();
        if (result.stopped() != null) {
            text.append(", stopped: ").append(result.stopped()).append("; the weights are those after ");
            text.append(result.keptStep()).append(" steps");
        }
        if (metrics.containsKey("eval_scores")) {
            text.append(String.format(
                    Locale.ROOT,
                    ": mean score %.4f on held-out prompts, KL from the start %.3f nats a sequence",
                    metrics.get("eval_scores"),
                    metrics.get("eval_kl")));
        } else if (result.stopped() == null && metrics.containsKey("objective/kl")) {
            text.append(String.format(
                    Locale.ROOT,
                    ": mean score %.4f in the last step, KL from the start %.3f nats a sequence; without --eval-data"
                            + " nothing says how it does on other prompts",
                    metrics.get("objective/raw_scores"),
                    metrics.get("objective/kl")));
        }
        return text.toString();
    }

    /** Writes samples down and shows warnings. */
    private final class Listener implements PpoTextListener {
        private final LineAppender lines;
        private final TrainingProgress progress;

        Listener(LineAppender lines, TrainingProgress progress) {
            this.lines = lines;
            this.progress = progress;
        }

        @Override
        public void samples(long step, List<Sample> samples) {
            try {
                for (Sample sample : samples) {
                    var line = Json.object();
                    line.put("step", step);
                    line.set("prompt", sample.prompt().toJson());
                    line.put("completion", sample.completion());
                    // A completion that is left out of learning has none.
                    line.put("score", Double.isNaN(sample.score()) ? null : sample.score());
                    line.put("kl", sample.kl());
                    line.put("tokens", sample.tokens());
                    line.put("finish", sample.finish().label());
                    lines.append(Json.write(line));
                }
                Sample first = samples.get(0);
                progress.clear();
                lines.newTrouble().ifPresent(trouble -> terminal.note("step %d: %s", step, trouble));
                terminal.note(
                        "step %d, score %.3f: %s -> %s",
                        step, first.score(), Json.write(first.prompt().toJson()), Json.write(first.completion()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void warned(long step, String warning) {
            progress.clear();
            terminal.note("step %d: %s", step, warning);
        }
    }
}
