package org.rlhf4j.cli.console;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.ConfigReader;
import picocli.CommandLine.Option;

/** The options of every training command: a file of settings, single settings, the seed. */
public final class ConfigOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings in YAML, such as the config.yaml of an earlier run.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "One setting by its dotted name, as RUN/config.yaml has it; may be repeated and wins over --config.")
    private List<String> overrides = new ArrayList<>();

    @Option(
            names = "--seed",
            paramLabel = "N",
            description = "Seed of everything random; RUN/config.yaml shows it with the other settings.")
    private @Nullable Long seed;

    /**
     * Puts the settings that were given on top of the defaults.
     *
     * @param reader holds the defaults
     * @param seedKey the setting that {@code --seed} stands for
     * @param <R> the record of settings
     * @return the same reader
     */
    public <R extends Record> ConfigReader<R> applyTo(ConfigReader<R> reader, String seedKey) {
        if (file != null) {
            reader.file(file);
        }
        return reader.overrides(overrides).flag("--seed", seedKey, seed);
    }
}
