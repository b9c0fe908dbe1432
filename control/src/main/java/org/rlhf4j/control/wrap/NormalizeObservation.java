package org.rlhf4j.control.wrap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;
import org.rlhf4j.control.space.Box;

/**
 * Observations with running mean 0 and variance 1, {@code (o - mean) / sqrt(variance + 1e-8)}, as of Gymnasium: nothing is
 * clipped. For training there is {@code VectorNormalizeObservation}.
 *
 * @param <A> an action
 */
public final class NormalizeObservation<A> implements Wrapper<A> {
    private static final double EPSILON = 1e-8;

    private final Environment<A> inner;
    private final RunningStatistics statistics;
    private final Box observationSpace;
    private boolean updating = true;

    /** With new statistics. */
    public NormalizeObservation(Environment<A> inner) {
        this(inner, new RunningStatistics(inner.observationSpace().size()));
    }

    /**
     * With given statistics, those of training in an evaluation for instance.
     *
     * @throws IllegalArgumentException if they are of vectors of another size
     */
    public NormalizeObservation(Environment<A> inner, RunningStatistics statistics) {
        if (statistics.size() != inner.observationSpace().size()) {
            throw new IllegalArgumentException("statistics of vectors of " + statistics.size()
                    + " elements for observations in " + inner.observationSpace());
        }
        this.inner = inner;
        this.statistics = statistics;
        this.observationSpace = new Box(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY, statistics.size());
    }

    @Override
    public Environment<A> inner() {
        return inner;
    }

    /** What is normalised with; shared, not a copy. */
    public RunningStatistics statistics() {
        return statistics;
    }

    /** Whether observations count in the statistics: yes in training, no in evaluation. */
    public void setUpdating(boolean updating) {
        this.updating = updating;
    }

    /** Without bounds. */
    @Override
    public Box observationSpace() {
        return observationSpace;
    }

    @Override
    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
        Reset reset = inner.reset(seed, options);
        return new Reset(normalized(reset.observation()), reset.info());
    }

    @Override
    public Step step(A action) {
        Step step = inner.step(action);
        return new Step(
                normalized(step.observation()), step.reward(), step.terminated(), step.truncated(), step.info());
    }

    @Override
    public Optional<ObjectNode> saved() {
        return inner.saved().map(saved -> {
            ObjectNode around = Json.object();
            around.set("statistics", statistics.state().toJson());
            around.set("inner", saved);
            return around;
        });
    }

    @Override
    public void restore(JsonFields saved) {
        statistics.restore(RunningStatistics.State.fromJson(saved.object("statistics"), statistics.size()));
        inner.restore(saved.object("inner"));
    }

    private float[] normalized(float[] observation) {
        if (updating) {
            statistics.update(observation);
        }
        return statistics.normalized(observation, EPSILON, Double.POSITIVE_INFINITY);
    }
}
