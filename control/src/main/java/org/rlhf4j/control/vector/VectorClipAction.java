package org.rlhf4j.control.vector;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;

/** Clips actions to the bounds of the environments, for which alone it does so: a policy is trained on what it chose. */
public final class VectorClipAction implements VectorWrapper<float[]> {
    private final VectorEnvironment<float[]> inner;
    private final Box bounds;
    private final Box actionSpace;

    /** A vector that takes any finite action. */
    public VectorClipAction(VectorEnvironment<float[]> inner) {
        this.inner = inner;
        this.bounds = (Box) inner.actionSpace();
        this.actionSpace = new Box(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, bounds.size());
    }

    @Override
    public VectorEnvironment<float[]> inner() {
        return inner;
    }

    /** Without bounds. */
    @Override
    public Space<float[]> actionSpace() {
        return actionSpace;
    }

    @Override
    public VectorStep step(List<float[]> actions) {
        List<float[]> clipped = new ArrayList<>(actions.size());
        for (float[] action : actions) {
            clipped.add(bounds.clip(action));
        }
        return inner.step(clipped);
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
