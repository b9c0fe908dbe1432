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
import org.rlhf4j.preference.Problems;
import org.rlhf4j.preference.Row;
import org.rlhf4j.preference.RowRules;
import org.rlhf4j.preference.Rule;

/** The fields of one JSON object as a format takes them out, the problems on the way, and what is left over. */
final class RowFields {
    private final ObjectNode node;
    private final String prefix;
    private final String unusedPrefix;
    private final Problems problems;
    private final List<String> unused;
    private final Set<String> taken = new HashSet<>();

    private RowFields(ObjectNode node, String prefix, String unusedPrefix, Problems problems, List<String> unused) {
        this.node = node;
        this.prefix = prefix;
        this.unusedPrefix = unusedPrefix;
        this.problems = problems;
        this.unused = unused;
    }

    static RowFields of(ObjectNode node) {
        return new RowFields(node, "", "", new Problems(), new ArrayList<>(0));
    }

    /** Objects that belong together; messages call the first one {@code [0]}, and their problems are gathered in one place. */
    static List<RowFields> of(List<ObjectNode> group) {
        Problems problems = new Problems();
        List<String> unused = new ArrayList<>(0);
        List<RowFields> fields = new ArrayList<>(group.size());
        for (ObjectNode node : group) {
            String prefix = group.size() == 1 ? "" : "[" + fields.size() + "].";
            fields.add(new RowFields(node, prefix, "", problems, unused));
        }
        return fields;
    }

    /** Whether the field is there; one that is null or an empty cell counts as absent. */
    static boolean has(ObjectNode node, String name) {
        return !Cells.isAbsent(node.get(name));
    }

    Problems problems() {
        return problems;
    }

    /** The object itself. */
    ObjectNode node() {
        return node;
    }

    /** What was not used so far. */
    List<String> unused() {
        return unused;
    }

    /** A string or list of messages that must be there; null after a problem. */
    @Nullable
    Content content(String name) {
        JsonNode value = required(name);
        if (value == null) {
            return null;
        }
        try {
            return Content.fromJson(Cells.messages(value), prefix + name);
        } catch (DataFormatException e) {
            problems.add(Rule.WRONG_TYPE, e.reason());
            return null;
        }
    }

    /** A string that must be there; null after a problem. */
    @Nullable
    String text(String name) {
        JsonNode value = required(name);
        if (value != null && !value.isTextual()) {
            wrongType(name, "a string", value);
            return null;
        }
        return value == null ? null : value.textValue();
    }

    /** A string that must be there, as content; null after a problem. */
    @Nullable
    Content textContent(String name) {
        String text = text(name);
        return text == null ? null : Content.of(text);
    }

    /** A number, or null where there is none or after a problem. */
    @Nullable
    Double number(String name) {
        JsonNode value = optional(name);
        if (value == null) {
            return null;
        }
        JsonNode number = Cells.number(value);
        if (number == null) {
            wrongType(name, "a number", value);
            return null;
        }
        return number.doubleValue();
    }

    /** A number that must be there and finite; null after a problem. */
    @Nullable
    Double requiredNumber(String name) {
        if (required(name) == null) {
            return null;
        }
        Double number = number(name);
        problems.addAll(RowRules.finite(path(name), number));
        return number != null && Double.isFinite(number) ? number : null;
    }

    /** An integer that must be there; null after a problem. */
    @Nullable
    Long integer(String name) {
        JsonNode value = required(name);
        if (value == null) {
            return null;
        }
        JsonNode number = Cells.number(value);
        if (number == null || !number.isIntegralNumber() || !number.canConvertToLong()) {
            wrongType(name, "an integer", value);
            return null;
        }
        return number.longValue();
    }

    /** As {@link #integer}, but a number such as {@code 1.0} is one too. */
    @Nullable
    Long whole(String name) {
        JsonNode value = required(name);
        Long whole = value == null ? null : Cells.whole(value);
        if (value != null && whole == null) {
            wrongType(name, "an integer", value);
        }
        return whole;
    }

    /** A rank that must be there; 0 after a problem. */
    int rank(String name) {
        Long rank = integer(name);
        if (rank == null) {
            return 0;
        }
        Problems wrong = RowRules.rank("field \"" + prefix + name + "\"", rank);
        problems.addAll(wrong);
        return wrong.hasError() ? 0 : rank.intValue();
    }

    /** True or false, which must be there; null after a problem. */
    @Nullable
    Boolean bool(String name) {
        JsonNode value = required(name);
        if (value == null) {
            return null;
        }
        Boolean bool = Cells.bool(value);
        if (bool == null) {
            wrongType(name, "true or false", value);
        }
        return bool;
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

    /** The value of a field of any type; null where there is none. */
    @Nullable
    JsonNode value(String name) {
        return optional(name);
    }

    /** Another object at the same place, whose problems are gathered with those of this one. */
    RowFields beside(ObjectNode other) {
        return new RowFields(other, prefix, unusedPrefix, problems, unused);
    }

    /** An object that must be there; null after a problem. */
    @Nullable
    RowFields object(String name) {
        JsonNode value = required(name);
        if (value instanceof ObjectNode object) {
            return new RowFields(object, prefix + name + ".", unusedPrefix + name + ".", problems, unused);
        }
        if (value != null) {
            wrongType(name, "an object", value);
        }
        return null;
    }

    /** The objects of an array that must be there; those that are no objects are reported and left out. */
    List<RowFields> objects(String name) {
        return objects(name, unusedPrefix + name + "[].", array(name));
    }

    /** As {@link #objects(String)}, with one name for what is not used however deep the objects are nested. */
    List<RowFields> objects(String name, String unusedName) {
        return objects(name, unusedName, array(name));
    }

    /** The objects of an array that must be there, as JSON or as a string that holds it as JSON. */
    List<RowFields> packedObjects(String name) {
        return objects(name, unusedPrefix + name + "[].", packedArray(name));
    }

    private List<RowFields> objects(String name, String unusedName, Iterable<JsonNode> values) {
        List<RowFields> objects = new ArrayList<>();
        for (JsonNode value : values) {
            String path = name + "[" + objects.size() + "]";
            if (value instanceof ObjectNode object) {
                objects.add(new RowFields(object, prefix + path + ".", unusedName, problems, unused));
            } else {
                wrongType(path, "an object", value);
            }
        }
        return objects;
    }

    /** The values of an array that must be there, as JSON or as a string that holds it as JSON. */
    Iterable<JsonNode> packedArray(String name) {
        JsonNode value = optional(name);
        if (value == null || !value.isTextual()) {
            return array(name);
        }
        try {
            JsonNode array = Json.parse(value.textValue(), Json.Size.ROW);
            if (array.isArray()) {
                return array;
            }
            wrongType(name, "a list written as JSON", array);
        } catch (DataFormatException e) {
            problems.add(
                    Rule.WRONG_TYPE,
                    "field \"" + prefix + name + "\" must be a list written as JSON but " + e.reason());
        }
        return List.of();
    }

    /** The values of an array that must be there; none after a problem. */
    Iterable<JsonNode> array(String name) {
        JsonNode array = required(name);
        if (array == null) {
            return List.of();
        }
        if (!array.isArray()) {
            wrongType(name, "an array", array);
            return List.of();
        }
        return array;
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
                unused.add(unusedPrefix + name);
            }
        });
    }

    /** Reports TRL's columns of images: a row that shows them cannot be learned from without. */
    void refuseImages() {
        for (String name : List.of("images", "image")) {
            JsonNode value = node.get(name);
            if (value != null && !Cells.isAbsent(value) && !(value.isArray() && value.isEmpty())) {
                problems.add(
                        Rule.WRONG_TYPE, "field \"" + prefix + name + "\" holds images; only text can be trained on");
            }
        }
    }

    ParsedRow accepted(Row row) {
        return accepted(List.of(row));
    }

    ParsedRow accepted(List<? extends Row> rows) {
        finish();
        return new ParsedRow(List.copyOf(rows), problems.list(), unused);
    }

    /** Ends a row that compares nothing, or that a setting leaves out. */
    ParsedRow leftOut(String why) {
        problems.add(Rule.NOTHING_COMPARED, why);
        return accepted(List.of());
    }

    ParsedRow refused() {
        return new ParsedRow(List.of(), problems.list(), unused);
    }

    private @Nullable JsonNode optional(String name) {
        taken.add(name);
        JsonNode value = node.get(name);
        return Cells.isAbsent(value) ? null : value;
    }

    private @Nullable JsonNode required(String name) {
        JsonNode value = optional(name);
        if (value == null) {
            JsonNode there = node.get(name);
            String state = there == null ? "missing" : there.isNull() ? "null" : "empty";
            problems.add(Rule.MISSING_FIELD, "field \"" + prefix + name + "\" is " + state);
        }
        return value;
    }

    void wrongType(String name, String wanted, JsonNode value) {
        problems.add(
                Rule.WRONG_TYPE,
                "field \"" + prefix + name + "\" must be " + wanted + " but is " + Json.describe(value));
    }
}
