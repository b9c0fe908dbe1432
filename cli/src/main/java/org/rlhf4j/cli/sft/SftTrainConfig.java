package org.rlhf4j.cli.sft;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.train.Dtype;
import org.rlhf4j.cli.train.LoraSettings;
import org.rlhf4j.cli.train.TextEncoding;
import org.rlhf4j.cli.train.TrainConfig;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.lm.data.LossTokens;
import org.rlhf4j.preference.CompletionChoice;

/** Every setting of {@code rlhf sft train}; {@code RUN/config.yaml} holds them. */
record SftTrainConfig(
        @Doc("Language model to start from.") Path model,

        @Doc("Demonstrations to learn from; of pairs and rankings, their completions.")
        Path data,

        @Doc("Held-out demonstrations, pairs or rankings.") @Nullable
        Path evalData,

        @Doc("Which completions of pairs and rankings are imitated.")
        CompletionChoice completions,

        @Doc("Which tokens are imitated: those of completions, or every one.")
        LossTokens loss,

        @Doc(
                "Whether the rows of a micro-batch are laid one after the other into few sequences. Changes speed, not results.")
        boolean packing,

        @Doc("How text becomes tokens.") TextEncoding encoding,

        @Doc("What layers compute in, float32 or bfloat16; trained weights are of float32 either way.")
        Dtype dtype,

        @Doc("An adapter in place of the model's own weights.")
        LoraSettings lora,

        @Doc("The training loop.") TrainingConfig training)
        implements TrainConfig {

    /** Peak learning rate when none is given: that of TRL's SFT trainer. */
    private static final double LEARNING_RATE = 2e-5;

    /** A reader that knows every default; model and data have none. */
    static ConfigReader<SftTrainConfig> reader() {
        return ConfigReader.of(SftTrainConfig.class)
                .defaults("completions", CompletionChoice.BEST)
                .defaults("loss", LossTokens.COMPLETION)
                .defaults("packing", false)
                .defaults("encoding", TextEncoding.AS_STORED)
                .defaults("dtype", Dtype.FLOAT32)
                .defaults("lora", LoraSettings.OFF)
                .defaults("training", TrainingConfig.defaults(LEARNING_RATE));
    }
}
