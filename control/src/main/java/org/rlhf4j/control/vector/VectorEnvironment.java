package org.rlhf4j.control.vector;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;

/**
 * {@code n} environments of one kind that are stepped together, as Gymnasium's {@code VectorEnv}; wrappers of a vector are
 * vectors too.
 *
 * @param <A> an action of one environment
 */
public interface VectorEnvironment<A> extends AutoCloseable {
    /** How many environments. */
    int size();

    /** What identifies each of them. */
    EnvironmentSpec spec();

    /** The space of one environment's observations. */
    Box observationSpace();

    /** The space of one environment's actions. */
    Space<A> actionSpace();

    /** What happens to an environment whose episode ended. */
    AutoresetMode autoresetMode();

    /**
     * Starts an episode in every environment.
     *
     * @param seed environment i gets {@code seed + i}; null goes on with the generators as they are, which at the very first
     *     reset means 0
     * @throws IllegalArgumentException if the seed is negative
     */
    VectorReset reset(@Nullable Long seed);

    /**
     * Starts an episode in some of the environments; the others stay where they are. For mode DISABLED.
     *
     * @param seed as of {@link #reset(Long)}
     * @param mask which, {@code [n]}, at least one
     * @return the observations of all, and infos of those that were reset
     * @throws IllegalArgumentException if the mask has another size or names none
     * @throws IllegalStateException in another mode, or if not all have been reset before
     */
    VectorReset reset(@Nullable Long seed, boolean[] mask);

    /**
     * Takes one action in each environment.
     *
     * @param actions one for each environment, in their order
     * @throws IllegalArgumentException if there are more or fewer actions, or one has no meaning
     * @throws IllegalStateException before the first reset, and in mode DISABLED while an environment that ended was not reset
     */
    VectorStep step(List<A> actions);

    /**
     * All that the outcome of later calls depends on, in the middle of episodes too, as of {@link Environment#saved}.
     *
     * @return empty where the environments cannot be saved
     */
    default Optional<ObjectNode> saved() {
        return Optional.empty();
    }

    /**
     * Goes on where another vector of the same kind was {@linkplain #saved saved}.
     *
     * @throws org.rlhf4j.base.DataFormatException if it is not what such a vector saves
     * @throws UnsupportedOperationException if this one cannot be saved
     */
    default void restore(JsonFields saved) {
        throw new UnsupportedOperationException(spec().id() + ": " + getClass().getName() + " cannot be restored");
    }

    @Override
    void close();

    /** What happens to an environment whose episode ended, by Gymnasium's names. */
    enum AutoresetMode {
        /**
         * The step after the end ignores its action and resets: its row has the first observation, reward 0 and no flag.
         * That row is no transition and must not be trained on.
         */
        NEXT_STEP,
        /** The step that ends an episode resets at once; the last observation is among the final observations. */
        SAME_STEP,
        /** The caller resets. */
        DISABLED
    }

    /**
     * The starts.
     *
     * @param observations {@code [n][..]}
     * @param infos {@code [n]}
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, compared by nobody
    record VectorReset(float[][] observations, List<Map<String, Object>> infos) {}

    /**
     * The outcomes, each {@code [n]}.
     *
     * @param observations what the next actions answer to, {@code [n][..]}
     * @param rewards of the actions
     * @param terminated as of one environment
     * @param truncated as of one environment
     * @param infos of the observations
     * @param finalObservations in mode SAME_STEP, for each environment that ended: the last observation of its episode;
     *     null for the others
     * @param finalInfos in mode SAME_STEP, likewise the last info
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, compared by nobody
    record VectorStep(
            float[][] observations,
            double[] rewards,
            boolean[] terminated,
            boolean[] truncated,
            List<Map<String, Object>> infos,
            float[] @Nullable [] finalObservations,
            List<@Nullable Map<String, Object>> finalInfos) {}
}
