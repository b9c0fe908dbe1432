package org.rlhf4j.control.wrap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;

/**
 * Changes rewards by a function.
 *
 * @param <A> an action
 */
public final class TransformReward<A> implements Wrapper<A> {
    private final Environment<A> inner;
    private final DoubleUnaryOperator function;

    /**
     * An environment whose rewards are what the function makes of them.
     *
     * @param function of its argument alone
     */
    public TransformReward(Environment<A> inner, DoubleUnaryOperator function) {
        this.inner = inner;
        this.function = function;
    }

    /**
     * Gymnasium's {@code ClipReward}: an environment whose rewards lie between two numbers, either of which may be infinite.
     *
     * @throws IllegalArgumentException if they are not in order
     */
    public static <A> TransformReward<A> clip(Environment<A> inner, double minReward, double maxReward) {
        if (!(minReward <= maxReward)) {
            throw new IllegalArgumentException(
                    "the smallest reward (" + minReward + ") must not be above the largest (" + maxReward + ")");
        }
        return new TransformReward<>(inner, reward -> Math.min(Math.max(reward, minReward), maxReward));
    }

    @Override
    public Environment<A> inner() {
        return inner;
    }

    @Override
    public Step step(A action) {
        Step step = inner.step(action);
        double reward = function.applyAsDouble(step.reward());
        return new Step(step.observation(), reward, step.terminated(), step.truncated(), step.info());
    }

    /** That of the environment inside: the function has nothing to remember. */
    @Override
    public Optional<ObjectNode> saved() {
        return inner.saved();
    }

    @Override
    public void restore(JsonFields saved) {
        inner.restore(saved);
    }
}
