package org.rlhf4j.core.checkpoint;

/**
 * Something whose state belongs into a checkpoint. What is a function of settings, data and the counters of others is no
 * state: random streams are numbered by them, so none has to be saved.
 */
public interface Resumable {
    /** Hands out the whole state; arrays are read later, so nothing may change until the checkpoint is written. */
    void saveTo(StateWriter out);

    /**
     * Takes a state over, in place of the present one.
     *
     * @throws org.rlhf4j.base.DataFormatException if it is not a state of this
     */
    void restoreFrom(StateReader in);
}
