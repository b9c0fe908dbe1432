package org.rlhf4j.cli.train;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.ConfigReader;
import picocli.CommandLine.Option;

/** The options that say what a training step may hold in memory. */
public final class MemoryOptions {
    @Option(
            names = "--micro-batch-size",
            paramLabel = "N",
            description = "Rows of one forward and backward pass: fewer need less memory, and change no result.")
    private @Nullable Integer microBatchSize;

    @Option(
            names = "--gradient-checkpointing",
            description =
                    "Keep the inputs of layers only and compute the layers again in the backward pass: less memory, more"
                            + " time, the same gradients.")
    private @Nullable Boolean gradientCheckpointing;

    /**
     * Puts what was given on top of the defaults.
     *
     * @param reader holds the defaults
     * @param place of the settings, with the dot that follows it
     * @param <C> the command's record of settings
     * @return the same reader
     */
    public <C extends Record> ConfigReader<C> applyTo(ConfigReader<C> reader, String place) {
        return reader.flag("--micro-batch-size", place + "microBatchSize", microBatchSize)
                .flag("--gradient-checkpointing", place + "gradientCheckpointing", gradientCheckpointing);
    }
}
