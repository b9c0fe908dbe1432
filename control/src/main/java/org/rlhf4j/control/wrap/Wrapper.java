package org.rlhf4j.control.wrap;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;

/**
 * An environment around another one, to which it passes on whatever it does not change.
 *
 * @param <A> an action
 */
public interface Wrapper<A> extends Environment<A> {
    /** The environment inside. */
    Environment<A> inner();

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
    default Reset reset(@Nullable Long seed, Map<String, Object> options) {
        return inner().reset(seed, options);
    }

    @Override
    default Step step(A action) {
        return inner().step(action);
    }

    @Override
    default Environment<?> unwrapped() {
        return inner().unwrapped();
    }

    @Override
    default void close() {
        inner().close();
    }
}
