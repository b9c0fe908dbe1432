package org.rlhf4j.control.vector;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;

/**
 * A vector around another one, to which it passes on whatever it does not change.
 *
 * @param <A> an action of one environment
 */
public interface VectorWrapper<A> extends VectorEnvironment<A> {
    /** The vector inside. */
    VectorEnvironment<A> inner();

    @Override
    default int size() {
        return inner().size();
    }

    @Override
    default EnvironmentSpec spec() {
        return inner().spec();
    }

    @Override
    default Box observationSpace() {
        return inner().observationSpace();
    }

    @Override
    default Space<A> actionSpace() {
        return inner().actionSpace();
    }

    @Override
    default AutoresetMode autoresetMode() {
        return inner().autoresetMode();
    }

    @Override
    default VectorReset reset(@Nullable Long seed) {
        return inner().reset(seed);
    }

    @Override
    default VectorReset reset(@Nullable Long seed, boolean[] mask) {
        return inner().reset(seed, mask);
    }

    @Override
    default VectorStep step(List<A> actions) {
        return inner().step(actions);
    }

    @Override
    default void close() {
        inner().close();
    }
}
