package org.rlhf4j.cli.train;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.console.Models;
import org.rlhf4j.cli.console.Terminal;
import org.rlhf4j.core.config.ConfigReader;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of every command that trains a model on rows of text. */
public final class TrainOptions {
    @Option(
            names = "--model",
            paramLabel = Models.LABEL,
            description =
                    "Model to start from: a directory, or org/name on the Hugging Face Hub, also org/name@revision;"
                            + " required here or in --config.")
    private @Nullable Path model;

    @Option(
            names = "--data",
            paramLabel = "FILE",
            description = "Rows to learn from, in any known format; required here or in --config.")
    private @Nullable Path data;

    @Option(
            names = "--eval-data",
            paramLabel = "FILE",
            description = "Held-out rows; without them nothing says how it does on other data.")
    private @Nullable Path evalData;

    @Mixin
    private MemoryOptions memory = new MemoryOptions();

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

    @Mixin
    private LoraOptions lora = new LoraOptions();

    /**
     * Puts what was given on top of the defaults.
     *
     * @param reader holds the defaults
     * @param <C> the command's record of settings
     * @return the same reader, for options of the command's own
     */
    public <C extends Record & TrainConfig> ConfigReader<C> applyTo(ConfigReader<C> reader) {
        TextEncoding chosen = encoding.chosen();
        return lora.applyTo(memory.applyTo(
                        options.applyTo(TextEncoding.beginningToday(reader), "training.seed"), "training."))
                .flag("--model", "model", model)
                .flag("--data", "data", data)
                .flag("--eval-data", "evalData", evalData)
                .flag("--dtype", "dtype", dtype)
                .flag("--chat-format", "encoding.chatFormat", chosen.chatFormat())
                .flag("--template-date", "encoding.templateDate", chosen.templateDate())
                .flag("--max-length", "encoding.maxLength", chosen.maxLength())
                .flag("--on-overlong", "encoding.onOverlong", chosen.onOverlong());
    }

    /** As {@link RunOptions#run}. */
    public <C extends Record & TrainConfig> int run(C config, Terminal terminal, RunOptions.Training training)
            throws IOException {
        return options.run(config, config.sources(), terminal, training);
    }
}
