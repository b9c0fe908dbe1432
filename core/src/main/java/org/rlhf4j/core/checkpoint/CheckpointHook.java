package org.rlhf4j.core.checkpoint;

import java.io.IOException;
import java.util.Optional;

/**
 * Where a training loop leaves its state, and where it finds the one to go on from. Asked between steps, on the thread that
 * runs the loop.
 */
public interface CheckpointHook {
    /** Keeps nothing and starts from the beginning. */
    CheckpointHook NONE = new CheckpointHook() {};

    /** What to go on from; empty at the beginning of a run. */
    default Optional<StateReader> resumed() {
        return Optional.empty();
    }

    /** The run has taken over what it goes on from, and begins. */
    default void started() {}

    /** Whether a checkpoint is wanted now that so many steps are made. */
    default boolean due(long step) {
        return false;
    }

    /**
     * Is told that the one that was due could not be written, because a log that belongs to it could not be written out.
     *
     * @param step made so far
     * @param reason of the log
     */
    default void failed(long step, IOException reason) {}

    /**
     * Writes one. Nothing changes in {@code run} meanwhile, and a run with checkpoints gives the same as one without.
     *
     * @param step made so far
     * @param run hands out its state
     */
    default void save(long step, Resumable run) {}
}
