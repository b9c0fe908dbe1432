package org.rlhf4j.control;

import org.jspecify.annotations.Nullable;

/**
 * What identifies an environment.
 *
 * @param id with its version: {@code CartPole-v1}
 * @param maxEpisodeSteps the time limit of an episode in steps; null where there is none
 * @param rewardThreshold the return from which the task counts as solved; null where nobody said so
 */
public record EnvironmentSpec(
        String id,
        @Nullable Integer maxEpisodeSteps,
        @Nullable Double rewardThreshold) {}
