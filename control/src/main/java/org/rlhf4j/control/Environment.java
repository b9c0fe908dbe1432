package org.rlhf4j.control;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;

/**
 * An environment in which an agent acts, as Gymnasium defines it (Towers et al. 2024, arXiv:2407.17032).
 *
 * <p>Call {@link #reset} first, then {@link #step} until one of its flags is set, then {@code reset} again. Used by one
 * thread at a time.
 *
 * @param <A> an action: {@code Integer} where the action space is {@code Discrete}, {@code float[]} where it is a {@code Box}
 */
public interface Environment<A> extends AutoCloseable {
    /** What identifies the environment and belongs to its published figures. */
    EnvironmentSpec spec();

    /** What observations look like. */
    Box observationSpace();

    /** Which actions there are. */
    Space<A> actionSpace();

    /**
     * Starts an episode.
     *
     * @param seed starts the environment's generator anew; null goes on with the generator as it is. The action space has
     *     a generator of its own, which this does not touch
     * @param options of the environment, by name; mostly empty
     * @throws IllegalArgumentException if the seed is negative or an option is unknown or has no meaning
     */
    Reset reset(@Nullable Long seed, Map<String, Object> options);

    /** Starts an episode with a generator that starts at the seed. */
    default Reset reset(long seed) {
        return reset(seed, Map.of());
    }

    /** Starts an episode with the generator as it is. */
    default Reset reset() {
        return reset(null, Map.of());
    }

    /**
     * Takes an action.
     *
     * @throws IllegalArgumentException if the action has no meaning: it is not in a {@code Discrete} space, or not as many
     *     finite numbers as a {@code Box} wants. Beyond a box's bounds an environment may clip, if it says so
     */
    Step step(A action);

    /** The environment itself, without wrappers. */
    default Environment<?> unwrapped() {
        return this;
    }

    /**
     * All that the outcome of later calls depends on, in the middle of an episode too; a fresh environment of the same kind
     * that {@linkplain #restore restores} it goes on as this one would. The action space's own generator is not part of it.
     *
     * @return empty where the environment cannot be saved: training in it can be resumed, but not to the bit
     */
    default Optional<ObjectNode> saved() {
        return Optional.empty();
    }

    /**
     * Goes on where another environment of the same kind was {@linkplain #saved saved}.
     *
     * @throws org.rlhf4j.base.DataFormatException if it is not what such an environment saves
     * @throws UnsupportedOperationException if this one cannot be saved
     */
    default void restore(JsonFields saved) {
        throw new UnsupportedOperationException(spec().id() + ": " + getClass().getName() + " cannot be restored");
    }

    /** Frees what it holds; closing twice is harmless. */
    @Override
    default void close() {}

    /**
     * The start of an episode.
     *
     * @param observation the caller's to keep: the environment does not write to it again
     * @param info what else there is to know, by name
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, compared by nobody
    record Reset(float[] observation, Map<String, Object> info) {}

    /**
     * The outcome of an action.
     *
     * @param observation after the action; the caller's to keep
     * @param reward of the action
     * @param terminated the task itself ended here: nothing can be gained afterwards
     * @param truncated something outside the task, such as a time limit, ended the episode: more could have been gained
     * @param info what else there is to know, by name
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, compared by nobody
    record Step(float[] observation, double reward, boolean terminated, boolean truncated, Map<String, Object> info) {
        /** Whether the episode is over. */
        public boolean done() {
            return terminated || truncated;
        }
    }
}
