package org.rlhf4j.ppo;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.config.Require;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.Tape;

/**
 * A policy and its critic, as far as learning is concerned.
 *
 * @param <S> the samples of a rollout: for each row what was seen and done
 */
public interface ActorCritic<S> {
    /** The weights that are learned: one network for policy and critic, or one each. */
    List<Network> networks();

    /**
     * Weights that are clipped by the norm of their own gradients and updated together.
     *
     * @param name put before the names of its weights in messages; may be empty
     * @param parameters the weights
     * @param rateFactor what the learning rate is multiplied by, at least 0
     * @param firstUpdate the first rollout that it learns from, counted from 0: a policy may wait until its critic knows
     *     something
     */
    record Network(String name, Parameters parameters, double rateFactor, long firstUpdate) {
        /** Checks the ranges. */
        public Network {
            Require.notNegative("rateFactor", rateFactor);
            Require.atLeast("firstUpdate", firstUpdate, 0);
        }

        /** The only network, which learns from the first rollout on. */
        public static Network only(Parameters parameters) {
            return new Network("", parameters, 1, 0);
        }
    }

    /**
     * What policy and critic now say of what was done. Runs on the tensor thread in a scope of its own.
     *
     * @param samples of the rollout
     * @param rows which of them, in this order
     * @param tape of this pass, for a forward pass cut in two
     * @return differentiable in the weights, without a null
     */
    Evaluation evaluate(S samples, int[] rows, Tape tape);

    /** How a message names a row of the samples. */
    default String place(S samples, int row) {
        return "row " + row;
    }

    /**
     * The passes that an update makes, each forward and then backward. One where policy and critic have something in
     * common; where they have not, two need less memory, for what the first one keeps for its backward pass is free before
     * the second begins.
     */
    default List<Pass<S>> passes() {
        return List.of(this::evaluate);
    }

    /** All or a part of {@link #evaluate}. */
    @FunctionalInterface
    interface Pass<S> {
        /** As {@link ActorCritic#evaluate}, with null for what this pass does not compute. */
        Evaluation evaluate(S samples, int[] rows, Tape tape);
    }

    /**
     * What they say, each of shape {@code [rows, T]}; finite, also where the mask is false. Null is what another pass says.
     *
     * @param logProbs log-probability of each action, in nats
     * @param entropy of the distribution that each action was drawn from, in nats; there where logProbs is
     * @param values the critic's estimates
     */
    record Evaluation(
            @Nullable NDArray logProbs,
            @Nullable NDArray entropy,
            @Nullable NDArray values) {}
}
