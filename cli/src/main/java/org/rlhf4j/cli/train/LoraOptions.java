package org.rlhf4j.cli.train;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.ConfigReader;
import picocli.CommandLine.Option;

/** The options that say whether an adapter is trained in place of the model's own weights. */
public final class LoraOptions {
    @Option(
            names = "--lora",
            description =
                    "Train a low-rank adapter and leave the model as it is; RUN/model is then the adapter, as PEFT"
                            + " writes it.")
    private @Nullable Boolean enabled;

    @Option(names = "--lora-rank", paramLabel = "R", description = "Rank of the adapter (default: 16).")
    private @Nullable Integer rank;

    @Option(
            names = "--lora-alpha",
            paramLabel = "A",
            description = "The adapter's change is multiplied by A / R (default: 32).")
    private @Nullable Double alpha;

    @Option(
            names = "--lora-dropout",
            paramLabel = "P",
            description = "Share of the adapter's inputs that is set to 0 in training (default: 0).")
    private @Nullable Double dropout;

    @Option(
            names = "--lora-targets",
            paramLabel = "NAME",
            split = ",",
            description =
                    "Modules with an adapter: ends of names such as q_proj,v_proj, a regular expression of the whole"
                            + " name, or all-linear (default).")
    private @Nullable List<String> targets;

    @Option(names = "--lora-rslora", description = "Multiply by A / sqrt(R) instead (rsLoRA).")
    private @Nullable Boolean rslora;

    @Option(names = "--lora-dora", description = "Learn the length of each row of a matrix apart (DoRA).")
    private @Nullable Boolean dora;

    /**
     * Puts what was given on top of the defaults. Any of the options asks for an adapter.
     *
     * @param reader holds the defaults
     * @param <C> the command's record of settings, with {@link LoraSettings} as {@code lora}
     * @return the same reader
     */
    public <C extends Record> ConfigReader<C> applyTo(ConfigReader<C> reader) {
        boolean any = enabled != null
                || rank != null
                || alpha != null
                || dropout != null
                || targets != null
                || rslora != null
                || dora != null;
        return reader.flag("--lora", "lora.enabled", any ? Boolean.TRUE : null)
                .flag("--lora-rank", "lora.rank", rank)
                .flag("--lora-alpha", "lora.alpha", alpha)
                .flag("--lora-dropout", "lora.dropout", dropout)
                .flag("--lora-targets", "lora.targets", targets)
                .flag("--lora-rslora", "lora.rslora", rslora)
                .flag("--lora-dora", "lora.dora", dora);
    }
}
