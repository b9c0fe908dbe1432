package org.rlhf4j.ppo.control;

import java.util.Map;

/**
 * How a run ended.
 *
 * @param policy with the last weights
 * @param steps of all environments together
 * @param episodes that finished
 * @param metrics the last figures
 * @param interrupted whether it was asked to stop; the weights are then those of the last complete update
 * @param <A> an action of the environment
 */
public record ControlResult<A>(
        ControlPolicy<A> policy, long steps, long episodes, Map<String, Double> metrics, boolean interrupted) {}
