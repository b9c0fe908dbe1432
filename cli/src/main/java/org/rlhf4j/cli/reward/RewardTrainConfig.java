package org.rlhf4j.cli.reward;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.train.Dtype;
import org.rlhf4j.cli.train.LoraSettings;
import org.rlhf4j.cli.train.PreferenceConfig;
import org.rlhf4j.cli.train.TextEncoding;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.train.TrainingConfig;
import org.rlhf4j.preference.PairStrategy;
import org.rlhf4j.preference.PairWeights;
import org.rlhf4j.preference.TiePolicy;
import org.rlhf4j.reward.PairwiseLoss;

/** Every setting of {@code rlhf reward train}; {@code RUN/config.yaml} holds them. */
record RewardTrainConfig(
        @Doc("Language model or reward model to start from.")
        Path model,

        @Doc("Pairs or rankings to learn from.") Path data,

        @Doc("Held-out pairs or rankings.") @Nullable Path evalData,

        @Doc("Loss of a ranking: over its pairs, or over the whole list.")
        Objective objective,

        @Doc("Which pairs of a ranking are trained on with the pairwise objective.")
        PairStrategy pairs,

        @Doc("What becomes of tied completions of a ranking: left out, or pairs with probability 0.5.")
        TiePolicy ties,

        @Doc("Whether the pairs of one ranking weigh 1 each, or 1 together.")
        PairWeights weights,

        @Doc("Whether pairs of one prompt that follow each other are one row of a batch, which is faster.")
        boolean joinPairs,

        @Doc("How text becomes tokens.") TextEncoding encoding,

        @Doc("What layers compute in, float32 or bfloat16; trained weights are of float32 either way.")
        Dtype dtype,

        @Doc("Extras of the pairwise loss.") PairwiseLoss loss,

        @Doc("An adapter in place of the model's own weights.")
        LoraSettings lora,

        @Doc("The training loop.") TrainingConfig training)
        implements PreferenceConfig {

    /** Refuses settings that the objective would ignore. */
    RewardTrainConfig {
        boolean pairwise = pairs == PairStrategy.ALL && ties == TiePolicy.DROP && weights == PairWeights.NONE;
        if (objective == Objective.PLACKETT_LUCE && !pairwise) {
            throw new IllegalArgumentException(
                    "pairs, ties and weights say how rankings become pairs, but objective plackett-luce reads rankings"
                            + " whole: leave them out");
        }
    }

    /** Peak learning rate when none is given: that of TRL's reward trainer. */
    private static final double LEARNING_RATE = 1e-4;

    /** A reader that knows every default; model and data have none. */
    static ConfigReader<RewardTrainConfig> reader() {
        return PreferenceConfig.defaults(ConfigReader.of(RewardTrainConfig.class))
                .defaults("objective", Objective.BRADLEY_TERRY)
                .defaults("loss", PairwiseLoss.PLAIN)
                .defaults("lora", LoraSettings.OFF)
                .defaults("training", TrainingConfig.defaults(LEARNING_RATE));
    }

    /** How a ranking is learned from. */
    enum Objective {
        /** Bradley-Terry over its pairs. */
        BRADLEY_TERRY,
        /** Plackett-Luce over the list. */
        PLACKETT_LUCE
    }
}
