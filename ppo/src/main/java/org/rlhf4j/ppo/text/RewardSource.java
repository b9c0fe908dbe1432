package org.rlhf4j.ppo.text;

import java.util.Objects;
import org.rlhf4j.base.CompletionScorer;
import org.rlhf4j.core.config.Require;

/**
 * One of the rewards that a policy learns from.
 *
 * @param name for messages and figures
 * @param scorer gives the scores; stays the caller's to close
 * @param weight its scores are multiplied by this before the sources are added up; negative for what is to be avoided, 0
 *     for what is only to be watched
 */
public record RewardSource(String name, CompletionScorer scorer, double weight) {
    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException if the name is blank or the weight is not finite
     */
    public RewardSource {
        Objects.requireNonNull(scorer, "scorer");
        Require.that(!name.isBlank(), "name", "\"" + name + "\"", "must name the reward");
        Require.that(Double.isFinite(weight), "weight of " + name, weight, "must be finite");
    }
}
