package org.rlhf4j.ppo.text;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.ppo.PpoConfig;

/** How a language model is trained by PPO. */
public record PpoTextConfig(
        @Doc("Seed of prompts' order, samples and everything random.")
        long seed,

        @Doc("Completions of one rollout.") int rolloutSize,

        @Doc("Passes over the prompts, each prompt answered once a pass.")
        double epochs,

        @Doc("Completions of the whole run, instead of epochs.") @Nullable
        Long totalEpisodes,

        @Doc("Most tokens of a completion.") int maxNewTokens,

        @Doc("Divides the logits, when sampling and in every log-probability.")
        double temperature,

        @Doc("What moving away from the reference costs.") KlConfig kl,

        @Doc("How scores become rewards.") ScoreConfig score,

        @Doc("Whether the rewards of a rollout are brought to deviation 1, their mean kept.")
        boolean whitenRewards,

        @Doc("The critic.") CriticConfig critic,

        @Doc("What is watched for signs of reward hacking.") GuardConfig guard,

        @Doc("Held-out prompts are answered every so many rollouts, and at the end; 0: only at the end.")
        int evalSteps,

        @Doc("Completions are written to samples.jsonl every so many rollouts; 0: never.")
        int sampleSteps,

        @Doc("How many of them.") int samples,

        @Doc("How the policy learns from a rollout.") PpoConfig ppo) {

    /**
     * TRL's defaults where it has them, but temperature 1 (0.7 there) and gradients clipped at norm 1 (there the setting
     * is without effect).
     */
    public static final PpoTextConfig DEFAULT = new PpoTextConfig(
            42,
            64,
            1,
            null,
            53,
            1,
            KlConfig.DEFAULT,
            ScoreConfig.DEFAULT,
            false,
            CriticConfig.DEFAULT,
            GuardConfig.DEFAULT,
            0,
            10,
            4,
            new PpoConfig(
                    1,
                    0.95,
                    4,
                    1,
                    16,
                    false,
                    PpoConfig.AdvantageNormalization.BATCH,
                    0.2,
                    false,
                    0.2,
                    0.1,
                    0,
                    null,
                    OptimizerConfig.defaults(3e-6)));

    /** Checks the ranges. */
    public PpoTextConfig {
        Require.atLeast("rolloutSize", rolloutSize, 1);
        Require.positive("epochs", epochs);
        if (totalEpisodes != null) {
            Require.atLeast("totalEpisodes", totalEpisodes, 1);
        }
        Require.atLeast("maxNewTokens", maxNewTokens, 1);
        Require.positive("temperature", temperature);
        Require.that(
                kl.target() == null || rolloutSize < 5 * kl.horizon(),
                "kl.horizon",
                kl.horizon(),
                "must be above a fifth of rolloutSize, or one rollout could make the penalty negative");
        Require.that(
                ppo.numMinibatches() <= rolloutSize,
                "ppo.numMinibatches",
                ppo.numMinibatches(),
                "must be at most rolloutSize, " + rolloutSize);
        Require.atLeast("evalSteps", evalSteps, 0);
        Require.atLeast("sampleSteps", sampleSteps, 0);
        Require.atLeast("samples", samples, 1);
    }

    /** Rollouts of a run over so many prompts; the last one is made whole. */
    public long rollouts(int prompts) {
        double episodes = totalEpisodes != null ? totalEpisodes : epochs * prompts;
        return Math.max(1, (long) Math.ceil(episodes / rolloutSize));
    }
}
