package org.rlhf4j.control.vector;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.space.Box;
import org.rlhf4j.control.wrap.RunningStatistics;

/**
 * Observations with running mean 0 and variance 1, {@code clip((o - mean) / sqrt(variance + epsilon), -clip, clip)}, as of
 * Stable-Baselines3's {@code VecNormalize}. Final observations are normalised too, but do not count in the statistics.
 *
 * @param <A> an action of one environment
 */
public final class VectorNormalizeObservation<A> implements VectorWrapper<A> {
    /** Normalised values lie between minus and plus this many standard deviations. */
    public static final double DEFAULT_CLIP = 10;

    /** Added to the variance. */
    public static final double DEFAULT_EPSILON = 1e-8;

    private final VectorEnvironment<A> inner;
    private final RunningStatistics statistics;
    private final double clip;
    private final double epsilon;
    private final Box observationSpace;
    private boolean updating = true;

    /** With new statistics and the usual clip and epsilon. */
    public VectorNormalizeObservation(VectorEnvironment<A> inner) {
        this(inner, new RunningStatistics(inner.observationSpace().size()));
    }

    /** With given statistics, those of training in an evaluation for instance, and the usual clip and epsilon. */
    public VectorNormalizeObservation(VectorEnvironment<A> inner, RunningStatistics statistics) {
        this(inner, statistics, DEFAULT_CLIP, DEFAULT_EPSILON);
    }

    /**
     * With all there is to choose.
     *
     * @throws IllegalArgumentException if the statistics are of vectors of another size, or a number is not positive
     */
    public VectorNormalizeObservation(
            VectorEnvironment<A> inner, RunningStatistics statistics, double clip, double epsilon) {
        if (statistics.size() != inner.observationSpace().size()) {
            throw new IllegalArgumentException("statistics of vectors of " + statistics.size()
                    + " elements for observations in " + inner.observationSpace());
        }
        if (!(clip > 0 && epsilon > 0)) {
            throw new IllegalArgumentException("clip and epsilon must be positive, not " + clip + " and " + epsilon);
        }
        this.inner = inner;
        this.statistics = statistics;
        this.clip = clip;
        this.epsilon = epsilon;
        this.observationSpace = new Box((float) -clip, (float) clip, statistics.size());
    }

    @Override
    public VectorEnvironment<A> inner() {
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

    @Override
    public Box observationSpace() {
        return observationSpace;
    }

    @Override
    public VectorReset reset(@Nullable Long seed) {
        return normalized(inner.reset(seed));
    }

    @Override
    public VectorReset reset(@Nullable Long seed, boolean[] mask) {
        VectorReset reset = inner.reset(seed, mask);
        if (updating) {
            for (int i = 0; i < mask.length; i++) {
                if (mask[i]) {
                    statistics.update(reset.observations()[i]);
                }
            }
        }
        return new VectorReset(normalized(reset.observations()), reset.infos());
    }

    @Override
    public VectorStep step(List<A> actions) {
        VectorStep step = inner.step(actions);
        if (updating) {
            statistics.update(step.observations());
        }
        return new VectorStep(
                normalized(step.observations()),
                step.rewards(),
                step.terminated(),
                step.truncated(),
                step.infos(),
                normalized(step.finalObservations()),
                step.finalInfos());
    }

    private VectorReset normalized(VectorReset reset) {
        if (updating) {
            statistics.update(reset.observations());
        }
        return new VectorReset(normalized(reset.observations()), reset.infos());
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

    private float[] @Nullable [] normalized(float[] @Nullable [] observations) {
        float[] @Nullable [] normalized = observations.clone();
        for (int i = 0; i < normalized.length; i++) {
            float[] observation = observations[i];
            normalized[i] = observation == null ? null : statistics.normalized(observation, epsilon, clip);
        }
        return normalized;
    }
}
