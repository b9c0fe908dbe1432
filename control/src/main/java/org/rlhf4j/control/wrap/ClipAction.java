package org.rlhf4j.control.wrap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;

/** Clips actions to the bounds of the environment, which then takes any finite action. */
public final class ClipAction implements Wrapper<float[]> {
    private final Environment<float[]> inner;
    private final Box bounds;
    private final Box actionSpace;

    /** An environment without bounds on its actions. */
    public ClipAction(Environment<float[]> inner) {
        this.inner = inner;
        this.bounds = (Box) inner.actionSpace();
        this.actionSpace = new Box(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, bounds.size());
    }

    @Override
    public Environment<float[]> inner() {
        return inner;
    }

    /** Without bounds. */
    @Override
    public Space<float[]> actionSpace() {
        return actionSpace;
    }

    @Override
    public Step step(float[] action) {
        return inner.step(bounds.clip(action));
    }

    @Override
    public Optional<ObjectNode> saved() {
        return inner.saved();
    }

    @Override
    public void restore(JsonFields saved) {
        inner.restore(saved);
    }
}
