package org.rlhf4j.ppo;

import ai.djl.ndarray.NDArray;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;

/**
 * A policy and its critic, as far as learning is concerned.
 *
 * @param <S> the samples of a rollout: for each row what was seen and done
 */
public interface ActorCritic<S> {
    /** The weights that are learned: the policy's and the critic's. */
    Parameters parameters();

    /**
     * What policy and critic now say of what was done. Runs on the tensor thread in a scope of its own.
     *
     * @param samples of the rollout
     * @param rows which of them, in this order
     * @param tape of this pass, for a forward pass cut in two
     * @return differentiable in the weights
     */
    Evaluation evaluate(S samples, int[] rows, Tape tape);

    /**
     * What they say, each of shape {@code [rows, T]}; finite, also where the mask is false.
     *
     * @param logProbs log-probability of each action, in nats
     * @param entropy of the distribution that each action was drawn from, in nats
     * @param values the critic's estimates
     */
    record Evaluation(NDArray logProbs, NDArray entropy, NDArray values) {}
}
