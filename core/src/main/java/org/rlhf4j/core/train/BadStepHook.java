package org.rlhf4j.core.train;

import org.jspecify.annotations.Nullable;
import org.rlhf4j.core.checkpoint.Resumable;
import org.rlhf4j.core.optim.BadStep;

/** Is told of steps whose numbers are not finite. */
@FunctionalInterface
public interface BadStepHook {
    /** Does nothing. */
    BadStepHook NONE = (step, run) -> {};

    /**
     * There is one. Whether it is left out or ends the run is decided after this.
     *
     * @param step what is wrong with it
     * @param run hands out the state before the step; null where it is not known any more, since weights have moved within the
     *     step
     */
    void bad(BadStep step, @Nullable Resumable run);
}
