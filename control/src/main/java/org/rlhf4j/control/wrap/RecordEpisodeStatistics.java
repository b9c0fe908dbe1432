package org.rlhf4j.control.wrap;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.ExactNumbers;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;
import org.rlhf4j.control.Environment;

/**
 * Adds return and length of an episode to the info of its last step, and keeps the last ones. It belongs around a time limit.
 *
 * @param <A> an action
 */
public final class RecordEpisodeStatistics<A> implements Wrapper<A> {
    private static final int DEFAULT_CAPACITY = 100;

    private final Environment<A> inner;
    private final EpisodeHistory history;
    private double episodeReturn;
    private int length;

    /** An environment whose last 100 episodes are kept. */
    public RecordEpisodeStatistics(Environment<A> inner) {
        this(inner, DEFAULT_CAPACITY);
    }

    /**
     * An environment whose last episodes are kept.
     *
     * @param capacity how many
     */
    public RecordEpisodeStatistics(Environment<A> inner, int capacity) {
        this.inner = inner;
        this.history = new EpisodeHistory(capacity);
    }

    @Override
    public Environment<A> inner() {
        return inner;
    }

    /** The episodes that finished last. */
    public EpisodeHistory history() {
        return history;
    }

    @Override
    public Reset reset(@Nullable Long seed, Map<String, Object> options) {
        episodeReturn = 0;
        length = 0;
        return inner.reset(seed, options);
    }

    @Override
    public Step step(A action) {
        Step step = inner.step(action);
        episodeReturn += step.reward();
        length++;
        if (!step.done()) {
            return step;
        }
        EpisodeStatistics episode = new EpisodeStatistics(episodeReturn, length);
        history.add(episode);
        return new Step(
                step.observation(), step.reward(), step.terminated(), step.truncated(), episode.addedTo(step.info()));
    }

    @Override
    public Optional<ObjectNode> saved() {
        return inner.saved().map(saved -> {
            ObjectNode around = Json.object();
            around.set("history", history.saved());
            around.set("return", ExactNumbers.node(episodeReturn));
            around.put("length", length);
            around.set("inner", saved);
            return around;
        });
    }

    @Override
    public void restore(JsonFields saved) {
        history.restore(saved.object("history"));
        episodeReturn = ExactNumbers.number(saved, "return");
        length = saved.int32("length");
        inner.restore(saved.object("inner"));
    }
}
