package org.rlhf4j.ppo.text;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;

/** How scores become rewards: what a failed one counts as, and how the others are shaped. */
public record ScoreConfig(
        @Doc("What a row without a score does: error, worst, replace (by failureScore) or drop.")
        FailurePolicy onFailure,

        @Doc("Score of a failed row, on the scale of the weighted sum; for onFailure replace alone.") @Nullable
        Double failureScore,

        @Doc("Longest that a reward may take for the rows of one rollout, in seconds; 0: as long as it likes.")
        double timeoutSeconds,

        @Doc(
                "How scores are brought to mean 0 and deviation 1: none, running (by all seen so far) or first (by those of"
                        + " the first rollout).")
        Normalization normalize,

        @Doc("Scores count within this and its negative, after normalisation; absent: as they are.") @Nullable
        Double clip,

        @Doc("Taken off the score, after clipping, where the completion did not end by itself; absent: nothing.")
        @Nullable
        Double missingEosPenalty) {

    /** Ends at the first failure; scores as they are. */
    public static final ScoreConfig DEFAULT =
            new ScoreConfig(FailurePolicy.ERROR, null, 0, Normalization.NONE, null, null);

    /** What becomes of a row that some reward has no score for. */
    public enum FailurePolicy {
        /** The run ends with a message that names the reward, the row and the text. */
        ERROR,
        /** It gets the lowest weighted sum of its rollout. */
        WORST,
        /** It gets a score that is given beforehand. */
        REPLACE,
        /** It is left out of learning. */
        DROP
    }

    /** By what mean and deviation scores are normalised. */
    public enum Normalization {
        /** By none. */
        NONE,
        /** By those of all scores so far, this rollout's among them. */
        RUNNING,
        /** By those of the first rollout. */
        FIRST
    }

    /** Checks the ranges. */
    public ScoreConfig {
        Require.that(
                (onFailure == FailurePolicy.REPLACE) == (failureScore != null),
                "failureScore",
                String.valueOf(failureScore),
                "goes with onFailure replace, and only with it");
        if (failureScore != null) {
            Require.that(Double.isFinite(failureScore), "failureScore", failureScore, "must be finite");
        }
        Require.notNegative("timeoutSeconds", timeoutSeconds);
        if (clip != null) {
            Require.positive("clip", clip);
        }
        if (missingEosPenalty != null) {
            Require.notNegative("missingEosPenalty", missingEosPenalty);
        }
    }
}
