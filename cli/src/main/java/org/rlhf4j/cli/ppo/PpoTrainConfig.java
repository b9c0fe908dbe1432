package org.rlhf4j.cli.ppo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.cli.scorer.RewardSetting;
import org.rlhf4j.cli.train.Dtype;
import org.rlhf4j.cli.train.LoraSettings;
import org.rlhf4j.cli.train.RunSources;
import org.rlhf4j.cli.train.TextEncoding;
import org.rlhf4j.core.config.ConfigReader;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.ppo.text.PpoTextConfig;

/** Every setting of {@code rlhf ppo train}; {@code RUN/config.yaml} holds them. */
record PpoTrainConfig(
        @Doc("Language model to start from, which is the reference too.")
        Path model,

        @Doc("What is to be earned: reward models and classes, added up by their weights.")
        List<RewardSetting> rewards,

        @Doc("Rows with a prompt, in any known format; each prompt counts once.")
        Path prompts,

        @Doc("Held-out prompts.") @Nullable Path evalData,

        @Doc("How text becomes tokens.") TextEncoding encoding,

        @Doc("What layers compute in, float32 or bfloat16; trained weights are of float32 either way.")
        Dtype dtype,

        @Doc("An adapter in place of the policy's own weights.")
        LoraSettings lora,

        @Doc("How it is trained.") PpoTextConfig training) {

    /** Checks that there is a reward. */
    PpoTrainConfig {
        rewards = List.copyOf(rewards);
        Require.atLeast("number of rewards", rewards.size(), 1);
    }

    /** A reader that knows every default; model, rewards and prompts have none. */
    static ConfigReader<PpoTrainConfig> reader() {
        return ConfigReader.of(PpoTrainConfig.class)
                .defaults("encoding", TextEncoding.AS_STORED)
                .defaults("dtype", Dtype.FLOAT32)
                .defaults("lora", LoraSettings.OFF)
                .defaults("training", PpoTextConfig.DEFAULT);
    }

    /**
     * What a run with these settings is made from.
     *
     * @param models the rewards that are directories
     * @param plugins files that classes are looked for in
     */
    RunSources sources(List<Path> models, List<Path> plugins) {
        List<Path> data = new ArrayList<>(List.of(prompts));
        if (evalData != null) {
            data.add(evalData);
        }
        List<Path> made = new ArrayList<>(List.of(model));
        made.addAll(models);
        made.addAll(plugins);
        return new RunSources(training.seed(), data, made);
    }
}
