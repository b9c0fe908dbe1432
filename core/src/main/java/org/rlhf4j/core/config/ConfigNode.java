package org.rlhf4j.core.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A tree of settings as they were written, each part with the place where it stands. */
sealed interface ConfigNode {
    /** Where this stands, for messages; empty for a default. */
    String origin();

    /** Text, not yet read as anything. */
    record Scalar(String text, boolean quoted, String origin) implements ConfigNode {
        /** Whether this is an absent value: nothing, {@code ~} or {@code null}. */
        boolean isNull() {
            return !quoted && (text.isEmpty() || text.equals("~") || text.equals("null"));
        }
    }

    /** Entries in their order. */
    record Items(List<ConfigNode> items, String origin) implements ConfigNode {}

    /** Keys with their values. */
    record Group(Map<String, ConfigNode> entries, String origin) implements ConfigNode {

        /** These entries with others on top; groups of the same key are merged in turn, anything else is replaced. */
        Group with(Group top) {
            Map<String, ConfigNode> merged = new LinkedHashMap<>(entries);
            top.entries.forEach((key, value) -> merged.merge(key, value, Group::onTop));
            return new Group(merged, top.origin);
        }

        /** Every value by its dotted name; items of a list have numbers. */
        Map<String, String> leaves() {
            Map<String, String> leaves = new LinkedHashMap<>();
            entries.forEach((key, node) -> addLeaves(key, node, leaves));
            return leaves;
        }

        private static void addLeaves(String name, ConfigNode node, Map<String, String> leaves) {
            if (node instanceof Scalar scalar) {
                leaves.put(name, scalar.isNull() ? "null" : scalar.text());
            } else if (node instanceof Items list) {
                for (int i = 0; i < list.items().size(); i++) {
                    addLeaves(name + "." + i, list.items().get(i), leaves);
                }
            } else if (node instanceof Group group) {
                group.entries.forEach((key, value) -> addLeaves(name + "." + key, value, leaves));
            }
        }

        private static ConfigNode onTop(ConfigNode below, ConfigNode above) {
            if (below instanceof Group lower && above instanceof Group upper && !lower.isOtherChoice(upper)) {
                return lower.with(upper);
            }
            return above;
        }

        /** Whether both name a choice and not the same one: the settings of one mean nothing to the other. */
        private boolean isOtherChoice(Group other) {
            return entries.get(Choices.TYPE) instanceof Scalar mine
                    && other.entries.get(Choices.TYPE) instanceof Scalar theirs
                    && !Choices.same(mine.text(), theirs.text());
        }
    }
}
