package org.rlhf4j.control.wrap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.EnvironmentSpec;

/**
 * Truncates an episode after a number of steps, also where that step terminates it.
 *
 * @param <A> an action
 */
public final class TimeLimit<A> implements Wrapper<A> {
    private final Environment<A> inner;
    private final EnvironmentSpec spec;
    private final int maxEpisodeSteps;
    private int elapsed;

    /**
     * An environment with a time limit.
     *
     * @throws IllegalArgumentException if the limit is not positive
     */
    public TimeLimit(Environment<A> inner, int maxEpisodeSteps) {
        if (maxEpisodeSteps <= 0) {
            throw new IllegalArgumentException("a time limit must be positive, not " + maxEpisodeSteps);
        }
        this.inner = inner;
        this.maxEpisodeSteps = maxEpisodeSteps;
        EnvironmentSpec spec = inner.spec();
        this.spec = new EnvironmentSpec(spec.id(), maxEpisodeSteps, spec.rewardThreshold());
    }

    @Override
    public Environment<A> inner() {
        return inner;
    }

    /** That of the environment inside, with this limit. */
    @Override
    public EnvironmentSpec spec() {
        return spec;
    }

    @Override
    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
        elapsed = 0;
        return inner.reset(seed, options);
    }

    @Override
    public Step step(A action) {
        Step step = inner.step(action);
        elapsed++;
        return elapsed < maxEpisodeSteps
                ? step
                : new Step(step.observation(), step.reward(), step.terminated(), true, step.info());
    }

    @Override
    public Optional<ObjectNode> saved() {
        return inner.saved().map(saved -> {
            ObjectNode around = Json.object();
            around.put("elapsed", elapsed);
            around.set("inner", saved);
            return around;
        });
    }

    @Override
    public void restore(JsonFields saved) {
        elapsed = saved.int32("elapsed");
        inner.restore(saved.object("inner"));
    }
}
