package org.rlhf4j.cli.train;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.rlhf4j.base.Storage;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.cli.console.TrainingProgress;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.run.MetricsLog;
import org.rlhf4j.core.run.Provenance;
import org.rlhf4j.core.run.RunDirectory;
import org.rlhf4j.core.train.RunHooks;

/**
 * The run directory of one training command. What was written before a failure stays.
 *
 * @param <C> the command's record of settings
 */
public final class TrainRun<C extends Record & TrainConfig> {
    private final C config;
    private final Path out;
    private final List<String> command;
    private final Terminal terminal;
    private final Instant started = Instant.now();

    /** Trains and saves. */
    @FunctionalInterface
    public interface Work<R> {
        /**
         * Does it.
         *
         * @param hooks show progress and write metrics down
         * @param model where the result is saved, absent
         * @return what the run gave
         */
        R run(RunHooks hooks, Path model) throws IOException;
    }

    /**
     * Prepares a run and shows its settings; nothing is written yet.
     *
     * @throws IOException if the run directory holds something
     */
    public TrainRun(C config, TrainOptions options, Terminal terminal) throws IOException {
        this.config = config;
        this.out = options.out();
        this.command = options.commandLine();
        this.terminal = terminal;
        terminal.note("%s", ConfigReader.toYaml(config).stripTrailing());
        RunDirectory.requireFresh(out);
    }

    /** The settings. */
    public C config() {
        return config;
    }

    /**
     * Creates the run directory, writes settings and provenance, and trains. Call it when model and data have been read
     * without an error, so that bad input leaves no directory behind.
     *
     * @param title what is being trained, a few words
     * @param weights how many numbers the saved model has
     * @param work trains and saves
     * @param <R> what the run gives
     */
    public <R> R train(String title, long weights, Work<R> work) throws IOException {
        RunDirectory directory = RunDirectory.create(Storage.disk(), out);
        directory.requireSpace(weights * Float.BYTES);
        directory.writeConfig(config);
        directory.writeProvenance(
                Provenance.of(started, command, config.training().seed(), config.dataFiles(), List.of(config.model())));
        try (MetricsLog metrics = directory.metrics()) {
            return work.run(
                    RunHooks.NONE
                            .progress(new TrainingProgress(terminal, title))
                            .metrics(metrics),
                    directory.model());
        }
    }
}
