package org.rlhf4j.ppo;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.core.train.OptimizerConfig;

/** How a {@link PpoLearner} learns from a rollout. */
public record PpoConfig(
        @Doc("Discount of what comes a step later, 0 to 1.") double gamma,

        @Doc("Lambda of generalised advantage estimation, 0 to 1.")
        double gaeLambda,

        @Doc("How often each rollout is gone through.") int updateEpochs,

        @Doc("Updates of the weights in one epoch: the rollout is cut into as many parts.")
        int numMinibatches,

        @Doc("Most rows in memory at once; 0 takes a mini-batch whole. Changes nothing else.")
        int microBatchSize,

        @Doc("Whether the activations of each layer are computed again in the backward pass: less memory, more time.")
        boolean gradientCheckpointing,

        @Doc("Over what advantages are brought to mean 0 and deviation 1: none, minibatch or batch.")
        AdvantageNormalization advantageNormalization,

        @Doc("The probability ratio counts within 1 - clipRange and 1 + clipRange.")
        double clipRange,

        @Doc("Whether clipRange falls to 0 on a straight line.")
        boolean annealClipRange,

        @Doc("A new value counts as within this of the old one; absent: as it is.") @Nullable
        Double valueClipRange,

        @Doc("Weight of the value loss, half the mean squared error.")
        double valueCoef,

        @Doc("Weight of the entropy, which is rewarded.") double entropyCoef,

        @Doc("An update is left when the approximate KL divergence passes 1.5 times this; absent: never.") @Nullable
        Double targetKl,

        @Doc("How the weights are updated; its schedule counts rollouts.")
        OptimizerConfig optimizer) {

    /** Over what advantages are normalised. */
    public enum AdvantageNormalization {
        /** They stay as they are. */
        NONE,
        /** Over each mini-batch, as Stable-Baselines3 and CleanRL do. */
        MINIBATCH,
        /** Over the rollout, as TRL does. */
        BATCH
    }

    /** Checks the ranges. */
    public PpoConfig {
        Require.inRange("gamma", gamma, 0, 1);
        Require.inRange("gaeLambda", gaeLambda, 0, 1);
        Require.atLeast("updateEpochs", updateEpochs, 1);
        Require.atLeast("numMinibatches", numMinibatches, 1);
        Require.atLeast("microBatchSize", microBatchSize, 0);
        Require.positive("clipRange", clipRange);
        if (valueClipRange != null) {
            Require.positive("valueClipRange", valueClipRange);
        }
        Require.notNegative("valueCoef", valueCoef);
        Require.notNegative("entropyCoef", entropyCoef);
        if (targetKl != null) {
            Require.positive("targetKl", targetKl);
        }
    }

    /** The loss with the clip range multiplied by a factor, and a KL penalty or none. */
    PpoLoss loss(double clipFactor, PpoLoss.@Nullable KlPenalty klPenalty) {
        return new PpoLoss(clipRange * clipFactor, valueClipRange, valueCoef, entropyCoef, klPenalty);
    }
}
