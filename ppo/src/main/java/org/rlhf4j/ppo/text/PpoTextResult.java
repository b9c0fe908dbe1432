package org.rlhf4j.ppo.text;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param rollouts made
 * @param episodes completions written
 * @param tokens of these completions
 * @param metrics the last figures of training and evaluation
 * @param interrupted whether it was asked to stop
 * @param stopped why the guard stopped it; null where it did not
 * @param keptStep rollouts that the policy has learned from: fewer than were made where the guard went back
 */
public record PpoTextResult(
        long rollouts,
        long episodes,
        long tokens,
        Map<String, Double> metrics,
        boolean interrupted,
        @Nullable String stopped,
        long keptStep) {}
