package org.rlhf4j.control.wrap;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.rlhf4j.base.ExactNumbers;
import org.rlhf4j.base.Json;
import org.rlhf4j.base.JsonFields;

/** The episodes that finished last. */
public final class EpisodeHistory {
    private final int capacity;
    private final Deque<EpisodeStatistics> recent = new ArrayDeque<>();
    private long count;

    /**
     * An empty history.
     *
     * @param capacity how many episodes are kept, at least 1
     */
    public EpisodeHistory(int capacity) {
        if (capacity <= 0) {
            throw new IllegalArgumentException("a history keeps at least one episode, not " + capacity);
        }
        this.capacity = capacity;
    }

    /** Adds an episode, the oldest one goes if there is no more place. */
    public void add(EpisodeStatistics episode) {
        if (recent.size() == capacity) {
            recent.removeFirst();
        }
        recent.addLast(episode);
        count++;
    }

    /** All there is to save. */
    public ObjectNode saved() {
        ObjectNode saved = Json.object().put("count", count);
        ArrayNode episodes = saved.putArray("recent");
        for (EpisodeStatistics episode : recent) {
            episodes.addObject()
                    .put("length", episode.length())
                    .set("return", ExactNumbers.node(episode.episodeReturn()));
        }
        return saved;
    }

    /**
     * Goes on where another history was saved.
     *
     * @throws org.rlhf4j.base.DataFormatException if it is not what a history of this capacity saves
     */
    public void restore(JsonFields saved) {
        List<JsonFields> episodes = saved.objects("recent");
        if (episodes.size() > capacity) {
            throw saved.problem("recent", "has " + episodes.size() + " episodes, where " + capacity + " are kept");
        }
        recent.clear();
        for (JsonFields episode : episodes) {
            recent.addLast(new EpisodeStatistics(ExactNumbers.number(episode, "return"), episode.int32("length")));
        }
        count = saved.integer("count");
    }

    /** How many episodes have finished altogether. */
    public long count() {
        return count;
    }

    /** The last ones, the oldest first. */
    public List<EpisodeStatistics> recent() {
        return List.copyOf(recent);
    }

    /** Mean return of the last ones; NaN if there are none. */
    public double meanReturn() {
        return recent.stream()
                .mapToDouble(EpisodeStatistics::episodeReturn)
                .average()
                .orElse(Double.NaN);
    }

    /** Mean length of the last ones; NaN if there are none. */
    public double meanLength() {
        return recent.stream().mapToInt(EpisodeStatistics::length).average().orElse(Double.NaN);
    }
}
