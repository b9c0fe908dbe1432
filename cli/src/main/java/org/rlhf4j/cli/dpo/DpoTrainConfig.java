package org.rlhf4j.cli.dpo;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.train.Dtype;
import org.rlhf4j.cli.train.LoraSettings;
import org.rlhf4j.cli.train.PreferenceConfig;
import org.rlhf4j.cli.train.TextEncoding;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.dpo.DpoLoss;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PairWeights;
import org.rlhf4j.preference.TiePolicy;

/** Every setting of {@code rlhf dpo train}; {@code RUN/config.yaml} holds them. */
record DpoTrainConfig(
        @Doc("Language model to start from, which is the reference too.")
        Path model,

        @Doc("Pairs or rankings to learn from.") Path data,

        @Doc("Held-out pairs or rankings.") @Nullable Path evalData,

        @Doc("Which pairs of a ranking are trained on.") PairStrategy pairs,

        @Doc("What becomes of tied completions of a ranking: left out, or pairs with probability 0.5.")
        TiePolicy ties,

        @Doc("Whether the pairs of one ranking weigh 1 each, or 1 together.")
        PairWeights weights,

        @Doc("Whether pairs of one prompt that follow each other are one row of a batch, which is faster.")
        boolean joinPairs,

        @Doc(
                "How the reference is read: precomputed once before training, or live from a frozen copy, which with an adapter is the model without it.")
        Reference reference,

        @Doc("Where precomputed values are kept for other runs; in RLHF4J_HOME when absent.") @Nullable
        Path referenceCache,

        @Doc("How text becomes tokens.") TextEncoding encoding,

        @Doc("What layers compute in, float32 or bfloat16; trained weights are of float32 either way.")
        Dtype dtype,

        @Doc("The loss of a pair.") DpoLoss loss,

        @Doc("An adapter in place of the model's own weights.")
        LoraSettings lora,

        @Doc("The training loop.") TrainingConfig training)
        implements PreferenceConfig {

    /** Refuses a setting that would be ignored. */
    DpoTrainConfig {
        if (reference == Reference.LIVE && referenceCache != null) {
            throw new IllegalArgumentException(
                    "referenceCache is for precomputed values, but reference is live: leave it out");
        }
    }

    /** Peak learning rate when none is given: that of TRL's DPO trainer. */
    private static final double LEARNING_RATE = 1e-6;

    /** A reader that knows every default; model and data have none. */
    static ConfigReader<DpoTrainConfig> reader() {
        return PreferenceConfig.defaults(ConfigReader.of(DpoTrainConfig.class))
                .defaults("reference", Reference.PRECOMPUTED)
                .defaults("loss", DpoLoss.DEFAULT)
                .defaults("lora", LoraSettings.OFF)
                .defaults("training", TrainingConfig.defaults(LEARNING_RATE));
    }

    /** How the reference's log-probabilities come about. */
    enum Reference {
        /** Once, before training. */
        PRECOMPUTED,
        /** In every step, by a copy in memory. */
        LIVE
    }
}
