package org.rlhf4j.control.wrap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import org.rlhf4j.base.ExactNumbers;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;

/**
 * Rewards in units of the standard deviation of the discounted return, {@code r / sqrt(variance(R) + 1e-8)}, as of Gymnasium:
 * {@code R = gamma R (1 - terminated) + r}, which a truncation does not start anew, and nothing is clipped. For training there
 * is {@code VectorNormalizeReward}.
 *
 * @param <A> an action
 */
public final class NormalizeReward<A> implements Wrapper<A> {
    private static final double EPSILON = 1e-8;

    private final Environment<A> inner;
    private final double gamma;
    private final RunningStatistics statistics;
    private double discountedReturn;
    private boolean updating = true;

    /**
     * With new statistics.
     *
     * @param gamma discount, 0 to 1
     */
    public NormalizeReward(Environment<A> inner, double gamma) {
        this(inner, gamma, new RunningStatistics(1));
    }

    /**
     * With given statistics.
     *
     * @param gamma discount, 0 to 1
     * @param statistics of the discounted return, of one element
     * @throws IllegalArgumentException if the discount has no meaning or the statistics have more than one element
     */
    public NormalizeReward(Environment<A> inner, double gamma, RunningStatistics statistics) {
        if (!(gamma >= 0 && gamma <= 1)) {
            throw new IllegalArgumentException("gamma must be between 0 and 1, not " + gamma);
        }
        if (statistics.size() != 1) {
            throw new IllegalArgumentException("statistics of returns have one element, not " + statistics.size());
        }
        this.inner = inner;
        this.gamma = gamma;
        this.statistics = statistics;
    }

    @Override
    public Environment<A> inner() {
        return inner;
    }

    /** What is normalised with; shared, not a copy. */
    public RunningStatistics statistics() {
        return statistics;
    }

    /** Whether rewards count in the statistics: yes in training, no in evaluation. */
    public void setUpdating(boolean updating) {
        this.updating = updating;
    }

    @Override
    public Step step(A action) {
        Step step = inner.step(action);
        discountedReturn = (step.terminated() ? 0 : discountedReturn * gamma) + step.reward();
        if (updating) {
            statistics.update(new double[] {discountedReturn});
        }
        double reward = statistics.scaled(step.reward(), EPSILON, Double.POSITIVE_INFINITY);
        return new Step(step.observation(), reward, step.terminated(), step.truncated(), step.info());
    }

    @Override
    public Optional<ObjectNode> saved() {
        return inner.saved().map(saved -> {
            ObjectNode around = Json.object();
            around.set("statistics", statistics.state().toJson());
            around.set("return", ExactNumbers.node(discountedReturn));
            around.set("inner", saved);
            return around;
        });
    }

    @Override
    public void restore(JsonFields saved) {
        statistics.restore(RunningStatistics.State.fromJson(saved.object("statistics"), statistics.size()));
        discountedReturn = ExactNumbers.number(saved, "return");
        inner.restore(saved.object("inner"));
    }
}
