package org.rlhf4j.ppo.text;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;

/** Where the critic comes from and how it learns. */
public record CriticConfig(
        @Doc(
                "What it starts from: reward (the first reward model), policy (its decoder, with a head that says 0) or head"
                        + " (a head on the policy's own hidden states).")
        Start start,

        @Doc("Its peak learning rate; that of the policy when absent.") @Nullable
        Double learningRate,

        @Doc("Rollouts that only the critic learns from, before the policy begins.")
        int warmup) {

    /** What a critic starts from. */
    public enum Start {
        /** The first reward that is a model. */
        REWARD,
        /** A copy of the policy. */
        POLICY,
        /** No network of its own. */
        HEAD
    }

    /** From the policy, with its learning rate, at once. */
    public static final CriticConfig DEFAULT = new CriticConfig(Start.POLICY, null, 0);

    /** Checks the ranges. */
    public CriticConfig {
        if (learningRate != null) {
            Require.positive("learningRate", learningRate);
        }
        Require.atLeast("warmup", warmup, 0);
    }
}
