package org.rlhf4j.cli.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Storage;
import org.rlhf4j.base.StorageException;
import org.rlhf4j.cli.console.ExitCode;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.Signals;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.TrainingProgress;
import org.rlhf4j.core.checkpoint.CheckpointHook;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.checkpoint.StateReader;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.config.Difference;
import org.rlhf4j.core.optim.NonFiniteException;
import org.rlhf4j.core.run.MetricsLog;
import org.rlhf4j.core.run.Provenance;
import org.rlhf4j.core.run.RunCheckpoints;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.core.run.RunDumps;
import org.rlhf4j.core.run.RunLock;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.RunHooks;

/** The run directory of one training command, one that begins or one that goes on. What was written before a failure stays. */
public final class TrainRun implements AutoCloseable {
    /** Settings that only say where something stands: where its bytes are the same, it may stand elsewhere. */
    private static final Map<String, String> PATHS =
            Map.of("data", "data", "evalData", "data", "prompts", "data", "model", "model");

    private final Record config;
    private final RunSources sources;
    private final Path out;
    private final ResumeOptions options;
    private final List<String> command;
    private final Models models;
    private final Terminal terminal;
    private final Instant started = Instant.now();
    private @Nullable RunLock lock;
    private @Nullable Resumption resumption;
    private int stoppedWith = ExitCode.INTERRUPTED;

    /** A run that goes on: where it comes from now, and what of it differs from before. */
    private record Resumption(RunDirectory directory, Provenance provenance, List<Difference> changed) {}

    /** Trains and saves. */
    @FunctionalInterface
    public interface Work {
        /**
         * Does it.
         *
         * @param hooks show progress, write metrics and checkpoints down, and stop
         * @param directory where the result is saved, unless the training was interrupted
         * @return what the run gave
         */
        Outcome run(RunHooks hooks, RunDirectory directory) throws IOException;
    }

    /** The work with everything that it needs. */
    @FunctionalInterface
    private interface Saved {
        Outcome run() throws IOException;
    }

    /**
     * Prepares a run and shows its settings. Of one that begins nothing is written yet; one that goes on is compared with what
     * it was.
     *
     * @throws IOException if there is a run where none may be, or none where one should, or another process works on it
     */
    TrainRun(
            Record config, RunSources sources, Path out, ResumeOptions options, List<String> command, Terminal terminal)
            throws IOException {
        this.config = config;
        this.sources = sources;
        this.out = out;
        this.options = options;
        this.command = command;
        this.terminal = terminal;
        this.models = new Models(terminal);
        options.requireKnown(ConfigReader.keys(config));
        options.settings();
        terminal.note("%s", ConfigReader.toYaml(config).stripTrailing());
        if (options.resume()) {
            RunDirectory directory = RunDirectory.open(Storage.disk(), out);
            lock(directory);
            try {
                this.resumption = compared(directory);
            } catch (IOException | RuntimeException e) {
                close();
                throw e;
            }
        } else {
            RunDirectory.requireFresh(out);
        }
    }

    private Resumption compared(RunDirectory directory) throws IOException {
        Provenance now = provenance();
        List<Difference> origins = directory.differences(now);
        List<Difference> differences = new ArrayList<>(origins);
        for (Difference setting : ConfigReader.differences(directory.configFile(), config)) {
            String group = PATHS.get(setting.key());
            boolean moved = group != null && origins.stream().noneMatch(each -> each.isAmong(List.of(group)));
            if (!moved) {
                differences.add(setting);
            }
        }
        options.requireAllowed(differences);
        Optional<Path> result = directory.result();
        if (!differences.isEmpty() && result.isPresent()) {
            throw new IOException(result.get()
                    + " is there, so the run has ended: to train on with other settings, move" + " it away first");
        }
        return new Resumption(directory, now, differences);
    }

    /** The result of a run that has ended well and has nothing left to do; empty where there is something to do. */
    Optional<Path> finished() {
        return resumption == null ? Optional.empty() : resumption.directory.result();
    }

    /**
     * The directory of a model that the settings name; the same one each time.
     *
     * @param model a directory, or a name on the hub
     * @throws IOException if it is on the hub and cannot be had
     */
    public Path directory(Path model) throws IOException {
        return models.directory(model);
    }

    /** Opens what the settings name as their rewards. */
    public Models models() {
        return models;
    }

    /**
     * Creates the run directory, writes settings and provenance, and trains; or goes on with the run that is there. Call it
     * when model and data have been read without an error, so that bad input leaves no directory behind.
     *
     * @param progress shows how it goes
     * @param weights how many numbers the saved model has
     * @param work trains and saves
     */
    public Outcome train(TrainingProgress progress, long weights, Work work) throws IOException {
        terminal.note("%s", Torch.describe());
        RunDirectory directory = resumption == null ? begin(weights) : resumption.directory;
        RunCheckpoints checkpoints = resumption == null
                ? directory.checkpoints(options.settings(), this::note)
                : directory.resume(options.settings(), this::note);
        RunDumps dumps = directory.dumps(this::note);
        try (MetricsLog metrics = directory.metrics();
                Signals signals = Signals.watch(terminal)) {
            RunHooks hooks = RunHooks.NONE
                    .progress(progress)
                    .metrics(metrics)
                    .stopWhen(() -> signals.received()
                            || options.stopsAfter(Math.max(progress.steps(), checkpoints.lastStep())))
                    .checkpoints(resumption == null ? checkpoints : new GoingOn(checkpoints, resumption))
                    .badSteps(dumps);
            Outcome outcome = finite(() -> work.run(hooks, directory), dumps);
            checkpoints.cost().ifPresent(this::note);
            stoppedWith = signals.exitCode().orElse(stoppedWith);
            if (outcome.interrupted()) {
                checkpoints.failure().ifPresent(failure -> {
                    throw new UncheckedIOException(new IOException(failure));
                });
            }
            return outcome;
        } catch (IOException | RuntimeException | Error e) {
            if (checkpoints.lastStep() > 0) {
                note("the checkpoint of step " + checkpoints.lastStep() + " is safe; go on with: " + howToGoOn());
            }
            throw e;
        }
    }

    /** A problem with numbers names the command that repeats the step. */
    private static Outcome finite(Saved work, RunDumps dumps) throws IOException {
        try {
            return work.run();
        } catch (NonFiniteException e) {
            Path dump = dumps.of(e.step());
            throw Files.exists(dump.resolve(RunDumps.PROBLEM))
                    ? e.advising("Repeat the step to see why: rlhf replay " + dump)
                    : e;
        }
    }

    private RunDirectory begin(long weights) throws IOException {
        requireSpace(weights);
        RunDirectory directory = RunDirectory.create(Storage.disk(), out);
        lock(directory);
        directory.writeConfig(config);
        directory.writeProvenance(provenance());
        return directory;
    }

    /** Writes down that the run goes on, once it has taken over the state; one that cannot is left as it was. */
    private final class GoingOn implements CheckpointHook {
        private final RunCheckpoints checkpoints;
        private final Resumption before;

        GoingOn(RunCheckpoints checkpoints, Resumption before) {
            this.checkpoints = checkpoints;
            this.before = before;
        }

        @Override
        public Optional<StateReader> resumed() {
            return checkpoints.resumed();
        }

        @Override
        public void started() {
            try {
                // First what differs: were the settings there without it, nobody would know.
                before.directory.writeResumption(before.provenance, checkpoints.lastStep(), before.changed);
                before.directory.writeConfig(config);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            note(resumed()
                    .map(state -> "going on from " + state.directory())
                    .orElse("there is no checkpoint yet: the run starts from its beginning"));
        }

        @Override
        public boolean due(long step) {
            return checkpoints.due(step);
        }

        @Override
        public void failed(long step, IOException reason) {
            checkpoints.failed(step, reason);
        }

        @Override
        public void save(long step, Resumable run) {
            checkpoints.save(step, run);
        }
    }

    /** Room for the result, and for weights and two moments each in the checkpoints that stay and the one being written. */
    private void requireSpace(long weights) throws IOException {
        RunCheckpoints.Settings settings = options.settings();
        long checkpoints = settings.any() ? 3L * (settings.keep() + 1) : 0;
        try {
            Storage.requireSpace(out, weights * Float.BYTES * (1 + checkpoints));
        } catch (StorageException e) {
            throw checkpoints == 0
                    ? e
                    : new IOException(
                            e.getMessage() + "; --keep-checkpoints 1 takes less, --checkpoint-minutes 0 least", e);
        }
    }

    private Provenance provenance() throws IOException {
        List<Path> start = new ArrayList<>();
        for (Path model : sources.model()) {
            start.add(models.directory(model));
        }
        return Provenance.of(started, command, sources.seed(), sources.data(), start);
    }

    private void lock(RunDirectory directory) throws IOException {
        lock = directory.lock(command);
        lock.note().ifPresent(this::note);
    }

    private void note(String text) {
        terminal.note("%s", text);
    }

    /** What the process ends with when the run was interrupted. */
    int stoppedWith() {
        return stoppedWith;
    }

    /** The command that goes on with this run. */
    String howToGoOn() {
        String name = command.stream()
                .dropWhile(word -> word.startsWith("-"))
                .takeWhile(word -> !word.startsWith("-"))
                .collect(Collectors.joining(" "));
        String place = out.toString();
        // What a shell would take apart is put into quotes.
        boolean plain = place.matches("[\\w./@%+=:,-]+");
        return "rlhf " + name + " --resume --out " + (plain ? place : "'" + place.replace("'", "'\\''") + "'");
    }

    @Override
    public void close() throws IOException {
        if (lock != null) {
            lock.close();
        }
    }
}
