package org.rlhf4j.control.vector;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.ExactNumbers;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.wrap.RunningStatistics;

/**
 * Rewards in units of the standard deviation of the discounted return,
 * {@code clip(r / sqrt(variance(R) + epsilon), -clip, clip)} with {@code R = gamma R + r}, as of Stable-Baselines3's
 * {@code VecNormalize}. No mean is subtracted, and R starts again from 0 with each episode.
 *
 * @param <A> an action of one environment
 */
public final class VectorNormalizeReward<A> implements VectorWrapper<A> {
    private final VectorEnvironment<A> inner;
    private final double gamma;
    private final RunningStatistics statistics;
    private final double clip;
    private final double epsilon;
    private final double[] returns;
    private final boolean[] restarting;
    private boolean updating = true;

    /**
     * With new statistics and the usual clip and epsilon.
     *
     * @param gamma discount of the algorithm
     */
    public VectorNormalizeReward(VectorEnvironment<A> inner, double gamma) {
        this(
                inner,
                gamma,
                new RunningStatistics(1),
                VectorNormalizeObservation.DEFAULT_CLIP,
                VectorNormalizeObservation.DEFAULT_EPSILON);
    }

    /**
     * With all there is to choose.
     *
     * @param gamma discount of the algorithm, 0 to 1
     * @param statistics of the discounted returns, of one element
     * @throws IllegalArgumentException if a number has no meaning or the statistics have more than one element
     */
    public VectorNormalizeReward(
            VectorEnvironment<A> inner, double gamma, RunningStatistics statistics, double clip, double epsilon) {
        if (!(gamma >= 0 && gamma <= 1)) {
            throw new IllegalArgumentException("gamma must be between 0 and 1, not " + gamma);
        }
        if (statistics.size() != 1) {
            throw new IllegalArgumentException("statistics of returns have one element, not " + statistics.size());
        }
        if (!(clip > 0 && epsilon > 0)) {
            throw new IllegalArgumentException("clip and epsilon must be positive, not " + clip + " and " + epsilon);
        }
        this.inner = inner;
        this.gamma = gamma;
        this.statistics = statistics;
        this.clip = clip;
        this.epsilon = epsilon;
        this.returns = new double[inner.size()];
        this.restarting = new boolean[inner.size()];
    }

    @Override
    public VectorEnvironment<A> inner() {
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
    public VectorReset reset(@Nullable Long seed) {
        VectorReset reset = inner.reset(seed);
        Arrays.fill(returns, 0);
        Arrays.fill(restarting, false);
        return reset;
    }

    @Override
    public VectorReset reset(@Nullable Long seed, boolean[] mask) {
        VectorReset reset = inner.reset(seed, mask);
        for (int i = 0; i < mask.length; i++) {
            returns[i] = mask[i] ? 0 : returns[i];
        }
        return reset;
    }

    @Override
    public VectorStep step(List<A> actions) {
        VectorStep step = inner.step(actions);
        if (updating) {
            accumulate(step.rewards());
        }
        double[] rewards = new double[returns.length];
        for (int i = 0; i < rewards.length; i++) {
            rewards[i] = statistics.scaled(step.rewards()[i], epsilon, clip);
            boolean ended = step.terminated()[i] || step.truncated()[i];
            returns[i] = ended ? 0 : returns[i];
            restarting[i] = ended && autoresetMode() == AutoresetMode.NEXT_STEP;
        }
        return new VectorStep(
                step.observations(),
                rewards,
                step.terminated(),
                step.truncated(),
                step.infos(),
                step.finalObservations(),
                step.finalInfos());
    }

    @Override
    public Optional<ObjectNode> saved() {
        return inner.saved().map(saved -> {
            ObjectNode around = Json.object();
            around.set("statistics", statistics.state().toJson());
            ArrayNode episodes = around.putArray("episodes");
            for (int i = 0; i < returns.length; i++) {
                ObjectNode episode = episodes.addObject().put("restarting", restarting[i]);
                episode.set("return", ExactNumbers.node(returns[i]));
            }
            around.set("inner", saved);
            return around;
        });
    }

    @Override
    public void restore(JsonFields saved) {
        statistics.restore(RunningStatistics.State.fromJson(saved.object("statistics"), statistics.size()));
        List<JsonFields> episodes = SyncVectorEnvironment.each(saved, "episodes", returns.length);
        for (int i = 0; i < returns.length; i++) {
            restarting[i] = episodes.get(i).bool("restarting");
            returns[i] = ExactNumbers.number(episodes.get(i), "return");
        }
        inner.restore(saved.object("inner"));
    }

    /** The row in which an environment restarts is no transition: it does not count. */
    private void accumulate(double[] rewards) {
        double[] counting = new double[rewards.length];
        int n = 0;
        for (int i = 0; i < rewards.length; i++) {
            if (!restarting[i]) {
                returns[i] = returns[i] * gamma + rewards[i];
                counting[n++] = returns[i];
            }
        }
        statistics.update(Arrays.copyOf(counting, n));
    }
}
