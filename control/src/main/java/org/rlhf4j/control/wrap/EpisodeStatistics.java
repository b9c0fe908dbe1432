package org.rlhf4j.control.wrap;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a finished episode came to; it is in the info of its last step under {@value #KEY}.
 *
 * @param episodeReturn sum of the rewards
 * @param length number of steps
 */
public record EpisodeStatistics(double episodeReturn, int length) {
    /** The name in the info, as in Gymnasium. */
    public static final String KEY = "episode";

    /** The statistics in an info; null where it is not that of an episode's last step. */
    public static @Nullable EpisodeStatistics in(Map<String, Object> info) {
        return (EpisodeStatistics) info.get(KEY);
    }

    /**
     * The info with these statistics.
     *
     * @throws IllegalStateException if it has some already
     */
    public Map<String, Object> addedTo(Map<String, Object> info) {
        if (info.containsKey(KEY)) {
            throw new IllegalStateException("the info already has \"" + KEY + "\": episodes are recorded twice");
        }
        Map<String, Object> added = new LinkedHashMap<>(info);
        added.put(KEY, this);
        return Collections.unmodifiableMap(added);
    }
}
