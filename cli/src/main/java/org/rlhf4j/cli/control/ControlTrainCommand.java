package org.rlhf4j.cli.control;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.TrainingProgress;
import org.rlhf4j.cli.train.Outcome;
import org.rlhf4j.cli.train.RunOptions;
import org.rlhf4j.cli.train.RunSources;
import org.rlhf4j.cli.train.TrainRun;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.space.Space;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.ppo.control.ControlConfig;
import org.rlhf4j.ppo.control.ControlResult;
import org.rlhf4j.ppo.control.ControlTrainer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code rlhf control train}: an environment in, a policy out. */
@Command(
        name = "train",
        description = {
            "Train a policy in an environment by proximal policy optimisation.",
            "The defaults are those of Stable-Baselines3; recipes/ has settings that reach published returns. The result"
                    + " is RUN/policy, for rlhf control eval. RUN/config.yaml holds every setting."
        })
final class ControlTrainCommand implements Callable<Integer> {
    private static final TrainingProgress.Words WORDS =
            new TrainingProgress.Words("steps", "charts/episodic_return", "mean return %.1f");

    private final Terminal terminal;

    @Option(
            names = "--env",
            paramLabel = "ID",
            description =
                    "Environment, such as CartPole-v1: rlhf control envs lists them; required here or in --config.")
    private @Nullable String env;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Steps of all environments together (totalSteps); the last rollout is finished.")
    private @Nullable Long steps;

    @Mixin
    private EnvironmentOptions environments = new EnvironmentOptions();

    @Mixin
    private RunOptions options = new RunOptions();

    ControlTrainCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        ControlConfig config = read();
        RunSources sources = new RunSources(config.seed(), environments.plugins(), List.of());
        return options.run(config, sources, terminal, run -> train(config, run));
    }

    /** Read twice: which settings have a default depends on the environment, which is one of them. */
    private ControlConfig read() {
        String id = given(ControlSettings.reader()).read().env();
        try (Environment<?> environment = environments.make(id)) {
            Space<?> actions = environment.actionSpace();
            return given(ControlSettings.reader(actions)).read();
        }
    }

    private ConfigReader<ControlConfig> given(ConfigReader<ControlConfig> reader) {
        return options.applyTo(reader, "seed").flag("--env", "env", env).flag("--steps", "totalSteps", steps);
    }

    private Outcome train(ControlConfig config, TrainRun run) throws IOException {
        ControlTrainer<?> trainer = ControlTrainer.of(config, environments.loader());
        TrainingProgress progress = new TrainingProgress(terminal, config.env(), WORDS);
        return run.train(progress, trainer.weights(), (hooks, directory) -> {
            ControlResult<?> result = trainer.train(hooks);
            progress.clear();
            if (result.interrupted()) {
                return Outcome.interrupted(result.steps(), result.metrics());
            }
            Path saved = directory.policy();
            result.policy().save(Storage.disk(), saved);
            return new Outcome(saved, result.steps(), result.metrics(), summary(result));
        });
    }

    private static String summary(ControlResult<?> result) {
        Double mean = result.metrics().get("charts/episodic_return");
        return mean == null
                ? "; no episode has ended yet"
                : String.format(
                        Locale.ROOT,
                        ": mean return %.1f of the last %d episodes while exploring",
                        mean,
                        Math.min(result.episodes(), 100));
    }
}
