package org.rlhf4j.ppo.control;

import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.core.train.OptimizerConfig;
import org.rlhf4j.ppo.PpoConfig;

/** Every setting of training in an environment. */
public record ControlConfig(
        @Doc("Id of the environment, such as CartPole-v1.") String env,

        @Doc("Seed of everything random: weights, environments, actions, order of rows.")
        long seed,

        @Doc("Steps of all environments together; the last rollout is finished.")
        long totalSteps,

        @Doc("Environments stepped side by side.") int numEnvs,

        @Doc("Steps of each environment in one rollout.") int numSteps,

        @Doc("Whether observations are brought to mean 0 and variance 1, running, and clipped to 10.")
        boolean normalizeObservations,

        @Doc("Whether rewards are divided by the running deviation of the discounted return, and clipped to 10.")
        boolean normalizeRewards,

        @Doc("The networks.") PolicyConfig policy,

        @Doc("How is learned from a rollout.") PpoConfig ppo) {

    /** Checks the ranges. */
    public ControlConfig {
        Require.atLeast("seed", seed, 0);
        Require.atLeast("totalSteps", totalSteps, 1);
        Require.atLeast("numEnvs", numEnvs, 1);
        Require.atLeast("numSteps", numSteps, 1);
        Require.that(
                (long) numEnvs * numSteps <= Integer.MAX_VALUE,
                "numSteps",
                numSteps,
                "a rollout of all environments has more than 2^31 - 1 steps");
        Require.that(
                (long) numEnvs * numSteps >= ppo.numMinibatches(),
                "ppo.numMinibatches",
                ppo.numMinibatches(),
                "a rollout has only " + (long) numEnvs * numSteps + " steps");
        Require.that(
                !ppo.gradientCheckpointing(),
                "ppo.gradientCheckpointing",
                true,
                "is of language models: these networks have no layers to compute again");
    }

    /**
     * The defaults of Stable-Baselines3's PPO: one environment, 2048 steps, mini-batches of 64, ten epochs. Its coefficient
     * of the value loss is half of ours, which weighs half the squared error.
     */
    public static ControlConfig defaults(String env) {
        OptimizerConfig adam =
                new OptimizerConfig(3e-4, OptimizerConfig.LearningRate.CONSTANT, 0, 0, 0, 0.5, 0.9, 0.999, 1e-5, 0);
        PpoConfig ppo = new PpoConfig(
                0.99,
                0.95,
                10,
                32,
                0,
                false,
                PpoConfig.AdvantageNormalization.MINIBATCH,
                0.2,
                false,
                null,
                1,
                0,
                null,
                adam);
        return new ControlConfig(env, 1, 100_000, 1, 2048, false, false, PolicyConfig.DEFAULT, ppo);
    }

    /** Steps of one rollout. */
    public int rolloutSteps() {
        return numEnvs * numSteps;
    }

    /** Rollouts of the run: as many as reach totalSteps. */
    public long rollouts() {
        return (totalSteps + rolloutSteps() - 1) / rolloutSteps();
    }
}
