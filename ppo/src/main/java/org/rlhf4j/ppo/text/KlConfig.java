package org.rlhf4j.ppo.text;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.ppo.KlEstimator;

/** What moving away from the reference costs. */
public record KlConfig(
        @Doc(
                "Where the penalty goes: reward (each token's reward, as Ziegler et al. 2019) or loss (a term of its own).")
        Placement placement,

        @Doc("How the divergence of a token is estimated: k1, k2 or k3. In the loss only k2 has the right gradient.")
        KlEstimator estimator,

        @Doc("Weight of the penalty; where there is a target, the first one.")
        double coef,

        @Doc("KL in nats a sequence that the weight is steered to; absent: it stays.") @Nullable
        Double target,

        @Doc("Completions after which a KL 20 % off the target has changed the weight by 20 %; larger is slower.")
        long horizon) {

    /** Where the penalty goes. */
    public enum Placement {
        /** Subtracted from the reward of each token. */
        REWARD,
        /** Added to the loss of each token. */
        LOSS
    }

    /** TRL's coefficient, fixed. */
    public static final KlConfig DEFAULT = new KlConfig(Placement.REWARD, KlEstimator.K1, 0.05, null, 10_000);

    /** Checks the ranges. */
    public KlConfig {
        Require.notNegative("coef", coef);
        if (target != null) {
            Require.positive("target", target);
            Require.that(coef > 0, "coef", coef, "must be above 0 to be steered to a target: it is multiplied");
        }
        Require.atLeast("horizon", horizon, 1);
        Require.that(
                placement == Placement.REWARD || estimator != KlEstimator.K1,
                "estimator",
                "k1",
                "is a constant push in the loss, 0 on average, and holds nothing back there: choose k2");
    }

    /** The same with another weight, the first one where there is a target. */
    public KlConfig withCoef(double other) {
        return new KlConfig(placement, estimator, other, target, horizon);
    }

    /** The same with another target, or none. */
    public KlConfig withTarget(@Nullable Double other) {
        return new KlConfig(placement, estimator, coef, other, horizon);
    }
}
