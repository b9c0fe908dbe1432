package org.rlhf4j.control.wrap;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

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
