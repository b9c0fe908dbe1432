package org.rlhf4j.core.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One thing that is not as it was.
 *
 * @param key its dotted name, such as {@code training.seed}
 * @param before what it was; empty where it was not there
 * @param now what it is; empty where it is not there
 */
public record Difference(String key, String before, String now) {
    private static final String ABSENT = "absent";

    /**
     * What differs between two maps of dotted names, in their order.
     *
     * @param before what was
     * @param now what is
     */
    public static List<Difference> between(Map<String, String> before, Map<String, String> now) {
        Set<String> keys = new LinkedHashSet<>(before.keySet());
        keys.addAll(now.keySet());
        return keys.stream()
                .filter(key -> !Objects.equals(before.get(key), now.get(key)))
                .map(key -> new Difference(key, before.getOrDefault(key, ABSENT), now.getOrDefault(key, ABSENT)))
                .toList();
    }

    /** Whether its key is one of these or within a group that is. */
    public boolean isAmong(Collection<String> keys) {
        return keys.stream().anyMatch(allowed -> key.equals(allowed) || key.startsWith(allowed + "."));
    }

    /** As JSON: {@code {"key","before","now"}}. */
    public Map<String, String> toJson() {
        Map<String, String> json = new LinkedHashMap<>();
        json.put("key", key);
        json.put("before", before);
        json.put("now", now);
        return json;
    }

    @Override
    public String toString() {
        return key + " was " + before + ", is " + now;
    }
}
