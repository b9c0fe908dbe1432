package org.rlhf4j.preference.format;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlhf4j.base.Content;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.Json;
import org.rlhf4j.preference.Origin;
import org.rlhf4j.preference.PreferencePair;
import org.rlhf4j.preference.Problems;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.RowRules;
import org.rlhf4j.preference.Rule;

/** The fields of one JSON object as a format takes them out, the problems on the way, and what is left over. */
final class RowFields {
    private final ObjectNode node;
    private final String prefix;
    private final Problems problems;
    private final List<String> unused;
    private final Set<String> taken = new HashSet<>();

    private RowFields(ObjectNode node, String prefix, Problems problems, List<String> unused) {
        this.node = node;
        this.prefix = prefix;
        this.problems = problems;
        this.unused = unused;
    }

    static RowFields of(ObjectNode node) {
        return new RowFields(node, "", new Problems(), new ArrayList<>(0));
    }

    /** Whether the field is there; one that is null counts as absent. */
    static boolean has(ObjectNode node, String name) {
        return node.hasNonNull(name);
    }

    Problems problems() {
        return problems;
    }

    /** A string or list of messages that must be there; null after a problem. */
    @Nullable
    Content content(String name) {
        JsonNode value = required(name);
        if (value == null) {
            return null;
        }
        try {
            return Content.fromJson(value, prefix + name);
        } catch (DataFormatException e) {
            problems.add(Rule.WRONG_TYPE, e.reason());
            return null;
        }
    }

    /** A number, or null where there is none or after a problem. */
    @Nullable
    Double number(String name) {
        JsonNode value = optional(name);
        if (value == null) {
            return null;
        }
        if (!value.isNumber()) {
            wrongType(name, "a number", value);
            return null;
        }
        return value.doubleValue();
    }

    /** A rank that must be there; 0 after a problem. */
    int rank(String name) {
        JsonNode value = required(name);
        if (value == null) {
            return 0;
        }
        if (!value.isIntegralNumber()) {
            wrongType(name, "an integer", value);
            return 0;
        }
        long rank = value.canConvertToLong() ? value.longValue() : 0;
        Problems wrong = RowRules.rank("field \"" + prefix + name + "\"", rank);
        problems.addAll(wrong);
        return wrong.hasError() ? 0 : (int) rank;
    }

    /** A name: a string, or an integer in its decimal form; null where there is none or after a problem. */
    @Nullable
    String name(String name) {
        JsonNode value = optional(name);
        if (value == null) {
            return null;
        }
        if (value.isTextual() || value.isIntegralNumber()) {
            return value.asText();
        }
        wrongType(name, "a string or an integer", value);
        return null;
    }

    /** A list of lists of two indices that must be there, as in {@code [[0, 2], [1, 2]]}; empty after a problem. */
    List<int[]> indexPairs(String name) {
        JsonNode array = required(name);
        List<int[]> pairs = new ArrayList<>();
        if (array == null) {
            return pairs;
        }
        if (!array.isArray()) {
            wrongType(name, "a list", array);
            return pairs;
        }
        for (int i = 0; i < array.size(); i++) {
            JsonNode pair = array.get(i);
            if (pair.size() == 2 && isIndex(pair.path(0)) && isIndex(pair.path(1))) {
                pairs.add(new int[] {pair.get(0).intValue(), pair.get(1).intValue()});
            } else {
                wrongType(name + "[" + i + "]", "a list of two indices, [better, worse],", pair);
            }
        }
        return pairs;
    }

    private static boolean isIndex(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToInt();
    }

    /** The name of the row and where it comes from, as every canonical row may say. */
    Origin origin() {
        return new Origin(name("id"), name("source"), name("annotator"));
    }

    /** The objects of an array that must be there; those that are no objects are reported and left out. */
    List<RowFields> objects(String name) {
        List<RowFields> objects = new ArrayList<>();
        JsonNode array = required(name);
        if (array != null && !array.isArray()) {
            wrongType(name, "an array", array);
        } else if (array != null) {
            for (int i = 0; i < array.size(); i++) {
                String path = name + "[" + i + "]";
                if (array.get(i) instanceof ObjectNode object) {
                    objects.add(new RowFields(object, prefix + path + ".", problems, unused));
                } else {
                    wrongType(path, "an object", array.get(i));
                }
            }
        }
        return objects;
    }

    boolean has(String name) {
        return has(node, name);
    }

    /** The name of this object's field as messages put it. */
    String path(String name) {
        return prefix + name;
    }

    /** Notes what no one took; to be called once for each object. */
    void finish() {
        node.fieldNames().forEachRemaining(name -> {
            if (!taken.contains(name)) {
                // One name for all elements of a list, so that a report can count it.
                unused.add(prefix.replaceAll("\\[\\d+]", "[]") + name);
            }
        });
    }

    /** Ends a pair row: takes its numbers and names, judges it, and makes the record. */
    ParsedRow pair(@Nullable Content prompt, @Nullable Content chosen, @Nullable Content rejected) {
        Double margin = number("margin");
        Double probability = number("probability");
        Double weight = number("weight");
        String chosenModel = name("chosen_model");
        String rejectedModel = name("rejected_model");
        Origin origin = origin();
        problems.addAll(RowRules.pair(prompt, chosen, rejected));
        problems.addAll(RowRules.pairNumbers(margin, probability, weight == null ? 1.0 : weight));
        if (problems.hasError() || prompt == null || chosen == null || rejected == null) {
            return refused();
        }
        return accepted(new PreferencePair(
                prompt,
                chosen,
                rejected,
                margin,
                probability,
                weight == null ? 1.0 : weight,
                chosenModel,
                rejectedModel,
                origin));
    }

    ParsedRow accepted(Row row) {
        finish();
        return new ParsedRow(List.of(row), problems.list(), unused);
    }

    ParsedRow refused() {
        return new ParsedRow(List.of(), problems.list(), unused);
    }

    private @Nullable JsonNode optional(String name) {
        taken.add(name);
        JsonNode value = node.get(name);
        return value == null || value.isNull() ? null : value;
    }

    private @Nullable JsonNode required(String name) {
        JsonNode value = optional(name);
        if (value == null) {
            String state = node.has(name) ? "null" : "missing";
            problems.add(Rule.MISSING_FIELD, "field \"" + prefix + name + "\" is " + state);
        }
        return value;
    }

    private void wrongType(String name, String wanted, JsonNode value) {
        problems.add(
                Rule.WRONG_TYPE,
                "field \"" + prefix + name + "\" must be " + wanted + " but is " + Json.describe(value));
    }
}
