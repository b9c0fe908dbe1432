package org.rlhf4j.cli.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.UsageException;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.render.Film;
import org.rlhf4j.control.render.FilmedEnvironment;
import org.rlhf4j.control.render.PictureFormat;
import org.rlhf4j.ppo.control.ControlEvaluation;
import org.rlhf4j.ppo.control.ControlPolicy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rlhf control eval}: how well a trained policy does on episodes it has never seen. */
@Command(
        name = "eval",
        description = {
            "Play whole episodes with a trained policy and sum up their returns.",
            "Each episode starts from a seed of its own: 1000000, 1000001 and so on, far from the small seeds that"
                    + " training starts from. The policy takes its most likely action, unless --stochastic."
        })
final class ControlEvalCommand implements Callable<Integer> {
    private static final long FIRST_SEED = 1_000_000;
    private static final int WIDTH = 400;
    private static final int HEIGHT = 300;
    private static final int MOST_FRAMES = 300;

    private final Terminal terminal;

    @Parameters(paramLabel = "RUN", description = "Run directory of rlhf control train.")
    private Path run = Path.of("");

    @Option(names = "--episodes", paramLabel = "N", description = "How many (default: 100).")
    private int episodes = 100;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Seed of the first episode; each further one adds 1 (default: 1000000).")
    private long seed = FIRST_SEED;

    @Option(names = "--stochastic", description = "Draw actions from the policy instead of taking the most likely one.")
    private boolean stochastic;

    @Option(
            names = "--render",
            paramLabel = "F.gif|F.png",
            description = "Picture of the first episode: an animation, or a sheet of states with their step numbers.")
    private @Nullable Path render;

    @Mixin
    private EnvironmentOptions environments = new EnvironmentOptions();

    @Option(names = "--json", description = "Print the figures as one JSON object, on the last line.")
    private boolean json;

    ControlEvalCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        if (episodes < 1) {
            throw new UsageException("--episodes " + episodes + ": at least one");
        }
        if (seed < 0) {
            throw new UsageException("--seed " + seed + ": a seed is not negative");
        }
        PictureFormat format = render == null ? null : pictureFormat(render);
        Path policy = run.resolve("policy");
        if (!Files.isDirectory(policy)) {
            throw new IOException(
                    run + " has no policy: name the RUN of an rlhf control train that has come to its end");
        }
        try (Environment<?> environment = environments.make(ControlPolicy.environmentOf(policy))) {
            requireLimit(environment.spec());
            evaluate(policy, environment, format);
        }
        return ExitCode.DONE;
    }

    private static void requireLimit(EnvironmentSpec spec) throws IOException {
        if (spec.maxEpisodeSteps() == null) {
            throw new IOException(spec.id()
                    + " has no time limit, so that an episode may never end: let its spec() give" + " maxEpisodeSteps");
        }
    }

    private <A> void evaluate(Path directory, Environment<A> environment, @Nullable PictureFormat format)
            throws IOException {
        ControlPolicy<A> policy = ControlPolicy.open(directory, environment);
        if (render == null || format == null) {
            report(play(policy, environment), environment.spec());
            return;
        }
        FilmedEnvironment<A> filmed = filmed(environment);
        ControlEvaluation figures = play(policy, filmed);
        format.save(filmed.film(), render, Storage.disk());
        terminal.note("%s", caption(render, filmed.film(), format));
        report(figures, environment.spec());
    }

    private static <A> FilmedEnvironment<A> filmed(Environment<A> environment) {
        try {
            return new FilmedEnvironment<>(environment, WIDTH, HEIGHT, MOST_FRAMES);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--render: " + e.getMessage());
        }
    }

    private <A> ControlEvaluation play(ControlPolicy<A> policy, Environment<A> environment) {
        return stochastic
                ? ControlEvaluation.stochastic(policy, environment, episodes, seed)
                : ControlEvaluation.deterministic(policy, environment, episodes, seed);
    }

    /** Refuses before the work what could not be written after it. */
    private static PictureFormat pictureFormat(Path file) throws IOException {
        PictureFormat format;
        try {
            format = PictureFormat.of(file);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--render " + e.getMessage());
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder) || Files.isDirectory(file)) {
            throw new IOException("--render " + file + ": "
                    + (Files.isDirectory(file) ? "is a directory" : "no such directory: " + folder));
        }
        if (!Files.isWritable(folder)) {
            throw new IOException("--render " + file + ": " + folder + " cannot be written to");
        }
        return format;
    }

    private String caption(Path file, Film film, PictureFormat format) {
        String which = format == PictureFormat.GIF
                ? film.stride() == 1 ? "every step" : "every " + film.stride() + " steps, at natural speed"
                : "states evenly spaced, with their step numbers";
        return String.format("%s: the episode of seed %d, %d steps, %s", file, seed, film.steps(), which);
    }

    private void report(ControlEvaluation figures, EnvironmentSpec spec) {
        Double threshold = spec.rewardThreshold();
        terminal.result("environment          %s", spec.id());
        terminal.result(
                "episodes             %d, seeds %d to %d, %s actions",
                episodes, seed, seed + episodes - 1, stochastic ? "drawn" : "most likely");
        terminal.result("mean return          %.4f", figures.mean());
        terminal.result("standard deviation   %.4f", figures.std());
        terminal.result("smallest, largest    %.4f, %.4f", figures.min(), figures.max());
        terminal.result("mean length          %.1f steps", figures.meanLength());
        terminal.result(
                "threshold            %s",
                threshold == null ? "none" : threshold + (figures.mean() >= threshold ? ", reached" : ", not reached"));
        if (json) {
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            values.put("env", spec.id());
            values.put("episodes", episodes);
            values.put("mean", figures.mean());
            values.put("std", figures.std());
            values.put("min", figures.min());
            values.put("max", figures.max());
            values.put("mean_length", figures.meanLength());
            values.put("threshold", threshold);
            values.put("first_seed", seed);
            values.put("deterministic", !stochastic);
            terminal.json(values);
        }
    }
}
