package org.rlhf4j.cli.train;

import java.util.List;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.tensor.Precision;
import org.rlhf4j.lm.LanguageModel;
import org.rlhf4j.lm.lora.LoraConfig;

/** Whether an adapter is trained in place of the model's own weights, and how it is made. */
public record LoraSettings(
        @Doc("Whether an adapter is trained and the model's own weights stay as they are.")
        boolean enabled,

        @Doc("Rank r of the change of a matrix (PEFT: r).") int rank,

        @Doc("The change is multiplied by alpha / rank (PEFT: lora_alpha).")
        double alpha,

        @Doc("Share of an adapter's inputs that is set to 0 in training (PEFT: lora_dropout).")
        double dropout,

        @Doc("Modules with an adapter: ends of their names, regular expressions of whole names, or all-linear.")
        List<String> targets,

        @Doc("Whether the change is multiplied by alpha / sqrt(rank) instead (PEFT: use_rslora).")
        boolean rslora,

        @Doc("Whether the length of each row of a matrix is learned apart from its direction (PEFT: use_dora).")
        boolean dora) {

    /** No adapter; the others are the defaults of {@link LoraConfig}. */
    public static final LoraSettings OFF = new LoraSettings(
            false,
            LoraConfig.DEFAULT.rank(),
            LoraConfig.DEFAULT.alpha(),
            LoraConfig.DEFAULT.dropout(),
            LoraConfig.DEFAULT.targets(),
            LoraConfig.DEFAULT.rslora(),
            LoraConfig.DEFAULT.dora());

    /** Checks the ranges. */
    public LoraSettings {
        targets = new LoraConfig(rank, alpha, dropout, targets, rslora, dora).targets();
    }

    /** What the model's own weights are kept in: they are trained only where there is no adapter. */
    public Precision precision(Dtype dtype) {
        return enabled ? dtype.frozen() : dtype.trained();
    }

    /** The settings of the adapter. */
    public LoraConfig config() {
        return new LoraConfig(rank, alpha, dropout, targets, rslora, dora);
    }

    /**
     * The model to be trained.
     *
     * @param opened is closed with the result
     * @param seed of the adapter
     * @return the same, or that with a fresh adapter on top
     */
    public LanguageModel on(LanguageModel opened, long seed) {
        if (!enabled) {
            return opened;
        }
        try {
            return opened.withAdapter(config(), seed);
        } catch (RuntimeException | Error e) {
            opened.close();
            throw e;
        }
    }
}
