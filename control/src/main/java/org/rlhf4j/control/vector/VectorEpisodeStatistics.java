package org.rlhf4j.control.vector;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.ExactNumbers;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.wrap.EpisodeHistory;
import org.rlhf4j.control.wrap.EpisodeStatistics;

/**
 * Adds return and length of an episode to the info of its last step: the final info in mode SAME_STEP, the info in the others.
 * It belongs inside whatever changes rewards, so that they are the environment's own.
 *
 * @param <A> an action of one environment
 */
public final class VectorEpisodeStatistics<A> implements VectorWrapper<A> {
    private static final int DEFAULT_CAPACITY = 100;

    private final VectorEnvironment<A> inner;
    private final EpisodeHistory history;
    private final double[] returns;
    private final int[] lengths;
    private final boolean[] restarting;

    /** A vector whose last 100 episodes are kept. */
    public VectorEpisodeStatistics(VectorEnvironment<A> inner) {
        this(inner, DEFAULT_CAPACITY);
    }

    /**
     * A vector whose last episodes are kept.
     *
     * @param capacity how many
     */
    public VectorEpisodeStatistics(VectorEnvironment<A> inner, int capacity) {
        this.inner = inner;
        this.history = new EpisodeHistory(capacity);
        this.returns = new double[inner.size()];
        this.lengths = new int[inner.size()];
        this.restarting = new boolean[inner.size()];
    }

    @Override
    public VectorEnvironment<A> inner() {
        return inner;
    }

    /** The episodes that finished last, of all environments together. */
    public EpisodeHistory history() {
        return history;
    }

    @Override
    public VectorReset reset(@Nullable Long seed) {
        VectorReset reset = inner.reset(seed);
        Arrays.fill(returns, 0);
        Arrays.fill(lengths, 0);
        Arrays.fill(restarting, false);
        return reset;
    }

    @Override
    public VectorReset reset(@Nullable Long seed, boolean[] mask) {
        VectorReset reset = inner.reset(seed, mask);
        for (int i = 0; i < mask.length; i++) {
            if (mask[i]) {
                start(i);
            }
        }
        return reset;
    }

    @Override
    public VectorStep step(List<A> actions) {
        VectorStep step = inner.step(actions);
        boolean sameStep = autoresetMode() == AutoresetMode.SAME_STEP;
        List<Map<String, Object>> infos = new ArrayList<>(step.infos());
        List<@Nullable Map<String, Object>> finalInfos = new ArrayList<>(step.finalInfos());
        for (int i = 0; i < returns.length; i++) {
            if (restarting[i]) {
                restarting[i] = false;
                continue;
            }
            returns[i] += step.rewards()[i];
            lengths[i]++;
            if (step.terminated()[i] || step.truncated()[i]) {
                EpisodeStatistics episode = new EpisodeStatistics(returns[i], lengths[i]);
                history.add(episode);
                if (sameStep) {
                    Map<String, Object> info = finalInfos.get(i);
                    finalInfos.set(i, episode.addedTo(info == null ? Map.of() : info));
                } else {
                    infos.set(i, episode.addedTo(infos.get(i)));
                }
                start(i);
                restarting[i] = autoresetMode() == AutoresetMode.NEXT_STEP;
            }
        }
        return new VectorStep(
                step.observations(),
                step.rewards(),
                step.terminated(),
                step.truncated(),
                infos,
                step.finalObservations(),
                finalInfos);
    }

    @Override
    public Optional<ObjectNode> saved() {
        return inner.saved().map(saved -> {
            ObjectNode around = Json.object();
            around.set("history", history.saved());
            ArrayNode episodes = around.putArray("episodes");
            for (int i = 0; i < returns.length; i++) {
                ObjectNode episode = episodes.addObject().put("restarting", restarting[i]);
                episode.put("length", lengths[i]).set("return", ExactNumbers.node(returns[i]));
            }
            around.set("inner", saved);
            return around;
        });
    }

    @Override
    public void restore(JsonFields saved) {
        history.restore(saved.object("history"));
        List<JsonFields> episodes = SyncVectorEnvironment.each(saved, "episodes", returns.length);
        for (int i = 0; i < returns.length; i++) {
            restarting[i] = episodes.get(i).bool("restarting");
            lengths[i] = episodes.get(i).int32("length");
            returns[i] = ExactNumbers.number(episodes.get(i), "return");
        }
        inner.restore(saved.object("inner"));
    }

    private void start(int i) {
        returns[i] = 0;
        lengths[i] = 0;
    }
}
