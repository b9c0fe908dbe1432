package org.rlhf4j.control.wrap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.space.Space;

/**
 * Maps actions between two numbers linearly onto the bounds of the environment; in float32, as Gymnasium does. Actions beyond
 * the numbers come out beyond the bounds.
 */
public final class RescaleAction implements Wrapper<float[]> {
    private final Environment<float[]> inner;
    private final Box actionSpace;
    private final float[] gradient;
    private final float[] intercept;

    /**
     * An environment with actions between two numbers, -1 and 1 mostly.
     *
     * @throws IllegalArgumentException if these are not finite and in order, or the environment has an infinite bound
     */
    public RescaleAction(Environment<float[]> inner, float minAction, float maxAction) {
        Box bounds = (Box) inner.actionSpace();
        if (!(minAction < maxAction && Float.isFinite(minAction) && Float.isFinite(maxAction))) {
            throw new IllegalArgumentException(
                    "actions must be rescaled to a finite interval, not " + minAction + " to " + maxAction);
        }
        this.inner = inner;
        this.actionSpace = new Box(minAction, maxAction, bounds.size());
        this.gradient = new float[bounds.size()];
        this.intercept = new float[bounds.size()];
        float[] low = bounds.low();
        float[] high = bounds.high();
        for (int i = 0; i < low.length; i++) {
            if (!(low[i] < high[i] && Float.isFinite(low[i]) && Float.isFinite(high[i]))) {
                throw new IllegalArgumentException(
                        "actions of " + bounds + " cannot be rescaled: element " + i + " has no finite interval");
            }
            gradient[i] = (float) (((double) maxAction - minAction) / ((double) high[i] - low[i]));
            intercept[i] = gradient[i] * -low[i] + minAction;
        }
    }

    @Override
    public Environment<float[]> inner() {
        return inner;
    }

    @Override
    public Space<float[]> actionSpace() {
        return actionSpace;
    }

    @Override
    public Step step(float[] action) {
        if (action.length != gradient.length) {
            throw new IllegalArgumentException(
                    spec().id() + ": an action of " + action.length + " elements is not in " + actionSpace);
        }
        float[] rescaled = new float[action.length];
        for (int i = 0; i < action.length; i++) {
            rescaled[i] = (action[i] - intercept[i]) / gradient[i];
        }
        return inner.step(rescaled);
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
