package org.rlhf4j.ppo.control;

import org.rlhf4j.core.config.Doc;
import org.rlhf4j.core.config.Require;

/** How a policy of continuous actions departs from its mean. */
public sealed interface Exploration {
    /** What continuous actions get when nothing is said: noise of deviation 1. */
    Exploration DEFAULT = new Gaussian(0);

    /** Each action gets normal noise of its own, whose deviation does not depend on the observation. */
    record Gaussian(
            @Doc("Initial logarithm of the deviation.") double initialLogStd) implements Exploration {}

    /**
     * Generalised state-dependent exploration (gSDE): Raffin et al. 2022 (arXiv:2005.05719). The noise is a linear function
     * of the actor's last hidden layer, drawn anew every {@code sampleFrequency} steps: smooth in between.
     */
    record StateDependent(
            @Doc("Initial logarithm of the deviation of the noise's weights.")
            double initialLogStd,

            @Doc("Steps after which the noise is drawn anew; 0 only at the start of a rollout.")
            int sampleFrequency)
            implements Exploration {
        /** Checks the range. */
        public StateDependent {
            Require.atLeast("sampleFrequency", sampleFrequency, 0);
        }
    }
}
