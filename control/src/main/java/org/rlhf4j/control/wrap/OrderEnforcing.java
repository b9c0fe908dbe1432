package org.rlhf4j.control.wrap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;

/**
 * Refuses a step before the first reset, and one after the end of an episode, whose outcome would mean nothing. It belongs
 * around a time limit, so that it sees all ends.
 *
 * @param <A> an action
 */
public final class OrderEnforcing<A> implements Wrapper<A> {
    private final Environment<A> inner;
    private boolean running;
    private boolean ended;

    /** An environment whose episodes are stepped in order. */
    public OrderEnforcing(Environment<A> inner) {
        this.inner = inner;
    }

    @Override
    public Environment<A> inner() {
        return inner;
    }

    @Override
    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
        Reset reset = inner.reset(seed, options);
        running = true;
        ended = false;
        return reset;
    }

    /**
     * Takes an action.
     *
     * @throws IllegalStateException if there was no reset before, or the episode has ended
     */
    @Override
    public Step step(A action) {
        if (!running) {
            String reason = ended ? "step after the end of the episode" : "step before reset";
            throw new IllegalStateException(spec().id() + ": " + reason + "; call reset first");
        }
        Step step = inner.step(action);
        if (step.done()) {
            running = false;
            ended = true;
        }
        return step;
    }

    @Override
    public Optional<ObjectNode> saved() {
        return inner.saved().map(saved -> {
            ObjectNode around = Json.object();
            around.put("running", running).put("ended", ended);
            around.set("inner", saved);
            return around;
        });
    }

    @Override
    public void restore(JsonFields saved) {
        running = saved.bool("running");
        ended = saved.bool("ended");
        inner.restore(saved.object("inner"));
    }
}
