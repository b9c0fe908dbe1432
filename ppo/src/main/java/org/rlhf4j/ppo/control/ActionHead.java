package org.rlhf4j.ppo.control;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.rlhf4j.base.SeededStream;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Discrete;
import org.rlhf4j.control.space.Space;
import org.rlhf4j.core.tensor.Parameters;
import org.rlhf4j.core.tensor.TanhNetwork;

/**
 * From the actor's outputs to a distribution over actions, once on Java arrays for acting and once on the engine for
 * learning.
 *
 * @param <A> an action of the environment
 */
sealed interface ActionHead<A> permits CategoricalHead, GaussianHead, StateDependentHead {
    /** Gain of the actor's last layer: small, so that a fresh policy prefers nothing. */
    double OUTPUT_GAIN = 0.01;

    /** Numbers that the actor gives. */
    int outputs();

    /** Numbers that record an action. */
    int width();

    /** Adds the parameters that belong to the distribution itself. */
    void initialize(Parameters parameters);

    /** The environment's action from its record. */
    A action(float[] recorded);

    /** The head for acting with a snapshot of weights. */
    Acting acting(Weights weights);

    /**
     * Log-probability and entropy of recorded actions, in nats, each {@code [n, 1]}.
     *
     * @param actor its outputs and what they were computed from
     * @param actions {@code [n, width]}
     */
    Likelihood likelihood(Parameters parameters, TanhNetwork.Result actor, NDArray actions);

    /** Each {@code [n, 1]}. */
    record Likelihood(NDArray logProbs, NDArray entropy) {}

    /** Draws actions; one environment's noise is its own. */
    interface Acting {
        /** Draws new noise where noise lasts longer than a step. */
        default void resetNoise(SeededStream stream) {}

        /**
         * Draws an action.
         *
         * @param latent what went into the actor's last layer
         * @param outputs of that layer
         * @param stream of this step
         * @param action receives the record
         * @return its log-probability in nats
         */
        double sample(float[] latent, float[] outputs, SeededStream stream, float[] action);

        /** The most likely action. */
        void mode(float[] outputs, float[] action);
    }

    /**
     * The head for a space of actions.
     *
     * @param config with the exploration of continuous actions
     * @throws IllegalArgumentException if the exploration does not fit the space
     */
    @SuppressWarnings("unchecked") // the space is sealed, and each kind has one type of values
    static <A> ActionHead<A> of(Space<A> space, PolicyConfig config) {
        Exploration exploration = config.exploration();
        if (space instanceof Discrete discrete) {
            if (exploration != null) {
                throw new IllegalArgumentException(
                        "policy.exploration is for continuous actions, but this environment has " + discrete.n()
                                + " discrete ones: leave it out");
            }
            return (ActionHead<A>) new CategoricalHead(discrete.n(), discrete.start());
        }
        int actions = ((Box) space).size();
        Exploration chosen = exploration == null ? Exploration.DEFAULT : exploration;
        return (ActionHead<A>)
                (chosen instanceof Exploration.StateDependent smooth
                        ? new StateDependentHead(actions, config.latentSize(), smooth)
                        : new GaussianHead(actions, ((Exploration.Gaussian) chosen).initialLogStd()));
    }

    /** A parameter {@code "log_std"} filled with one value. */
    static void addLogStd(Parameters parameters, double value, Shape shape) {
        parameters.put(GaussianHead.LOG_STD, parameters.manager().full(shape, (float) value, DataType.FLOAT32));
    }
}
