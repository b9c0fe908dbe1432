package org.rlhf4j.cli.train;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.run.MetricsLog;
import org.rlhf4j.core.run.Provenance;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.core.tensor.Torch;
import org.rlhf4j.core.train.Progress;
import org.rlhf4j.core.train.RunHooks;

/** The run directory of one training command. What was written before a failure stays. */
public final class TrainRun {
    private final Record config;
    private final RunSources sources;
    private final Path out;
    private final List<String> command;
    private final Models models;
    private final Terminal terminal;
    private final Instant started = Instant.now();

    /** Trains and saves. */
    @FunctionalInterface
    public interface Work<R> {
        /**
         * Does it.
         *
         * @param hooks show progress and write metrics down
         * @param directory where the result is saved
         * @return what the run gave
         */
        R run(RunHooks hooks, RunDirectory directory) throws IOException;
    }

    /** Prepares a run and shows its settings; nothing is written yet. */
    TrainRun(Record config, RunSources sources, Path out, List<String> command, Terminal terminal) throws IOException {
        this.config = config;
        this.sources = sources;
        this.out = out;
        this.command = command;
        this.terminal = terminal;
        this.models = new Models(terminal);
        terminal.note("%s", ConfigReader.toYaml(config).stripTrailing());
        RunDirectory.requireFresh(out);
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
     * Creates the run directory, writes settings and provenance, and trains. Call it when model and data have been read
     * without an error, so that bad input leaves no directory behind.
     *
     * @param progress shows how it goes
     * @param weights how many numbers the saved model has
     * @param work trains and saves
     * @param <R> what the run gives
     */
    public <R> R train(Progress progress, long weights, Work<R> work) throws IOException {
        terminal.note("%s", Torch.describe());
        RunDirectory directory = RunDirectory.create(Storage.disk(), out);
        directory.requireSpace(weights * Float.BYTES);
        directory.writeConfig(config);
        List<Path> start = new ArrayList<>();
        for (Path model : sources.model()) {
            start.add(models.directory(model));
        }
        directory.writeProvenance(Provenance.of(started, command, sources.seed(), sources.data(), start));
        try (MetricsLog metrics = directory.metrics()) {
            return work.run(RunHooks.NONE.progress(progress).metrics(metrics), directory);
        }
    }
}
