package org.rlhf4j.ppo.text;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;

/**
 * When a policy is suspected of pleasing the reward instead of doing what is wanted. Each limit is held against the mean of a
 * rollout.
 */
public record GuardConfig(
        @Doc("Most KL from the reference, nats a sequence; absent: any.") @Nullable
        Double maxKl,

        @Doc("Least entropy, nats a token; absent: any.") @Nullable
        Double minEntropy,

        @Doc("Most that completions may grow or shrink against the first rollout, as a factor above 1; absent: any.")
        @Nullable
        Double maxLengthDrift,

        @Doc("Largest share of three-token sequences that stand in the same completion before; absent: any.") @Nullable
        Double maxRepetition,

        @Doc("Least standard deviation of the scores of a rollout; absent: any.") @Nullable
        Double minScoreSpread,

        @Doc("Rollouts in a row with a limit passed after which the run is stopped; 0: there are only warnings.")
        int patience) {

    /** Nothing is looked at. */
    public static final GuardConfig OFF = new GuardConfig(null, null, null, null, null, 0);

    /** Warns of a collapse: KL above 100 nats a sequence, entropy below 0.01 nats a token, equal scores. */
    public static final GuardConfig DEFAULT = new GuardConfig(100.0, 0.01, null, null, 1e-6, 0);

    /** Checks the ranges. */
    public GuardConfig {
        if (maxKl != null) {
            Require.positive("maxKl", maxKl);
        }
        if (minEntropy != null) {
            Require.notNegative("minEntropy", minEntropy);
        }
        if (maxLengthDrift != null) {
            Require.that(maxLengthDrift > 1, "maxLengthDrift", maxLengthDrift, "must be above 1");
        }
        if (maxRepetition != null) {
            Require.inRange("maxRepetition", maxRepetition, 0, 1);
        }
        if (minScoreSpread != null) {
            Require.notNegative("minScoreSpread", minScoreSpread);
        }
        Require.atLeast("patience", patience, 0);
    }
}
