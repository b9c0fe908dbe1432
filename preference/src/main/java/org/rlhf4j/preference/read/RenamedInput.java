package org.rlhf4j.preference.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.JsonLine;
import org.rlhf4j.preference.container.RowInput;
import org.rlhf4j.preference.format.Excerpt;

/**
 * Rows whose fields have other names than those of a format. A field that has a name to be given to another one stays as
 * {@code NAME (not mapped)}, which no format uses and reports therefore count.
 */
final class RenamedInput implements RowInput {
    private static final int MAX_NAMES = 1024;

    private final RowInput rows;
    private final Map<String, String> wanted;
    private final Map<String, String> names = new LinkedHashMap<>();
    private final Set<String> seen = new LinkedHashSet<>();
    private boolean anyObject;

    /** Takes rows and, for each name that a format knows, the name in the file. */
    RenamedInput(RowInput rows, Map<String, String> wanted) {
        this.rows = rows;
        this.wanted = wanted;
        wanted.forEach((name, field) -> names.put(field, name));
    }

    /**
     * Checks that the fields are there.
     *
     * @throws DataFormatException if one of them was on none of the rows read so far
     */
    void requireFields() {
        for (String field : names.keySet()) {
            if (anyObject && !seen.contains(field)) {
                String there = seen.stream().limit(24).map(Excerpt::of).collect(Collectors.joining(", "));
                throw new DataFormatException(
                        file(),
                        0,
                        "there is no field \"" + field + "\" to be taken for \"" + names.get(field)
                                + "\" (the first rows have: " + there + ")");
            }
        }
    }

    private ObjectNode renamed(ObjectNode row) {
        anyObject = true;
        ObjectNode renamed = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonNode> field : row.properties()) {
            String name = field.getKey();
            if (seen.size() < MAX_NAMES) {
                seen.add(name);
            }
            String given = names.get(name);
            if (given == null) {
                given = wanted.containsKey(name) ? name + " (not mapped)" : name;
            }
            renamed.set(given, field.getValue());
        }
        return renamed;
    }

    @Override
    public JsonLine next() {
        JsonLine line = rows.next();
        return line instanceof JsonLine.Value value && value.value() instanceof ObjectNode object
                ? new JsonLine.Value(value.file(), value.line(), renamed(object))
                : line;
    }

    @Override
    public boolean hasNext() {
        return rows.hasNext();
    }

    @Override
    public String file() {
        return rows.file();
    }

    @Override
    public String container() {
        return rows.container();
    }

    @Override
    public boolean hasColumns() {
        return rows.hasColumns();
    }

    @Override
    public void close() {
        rows.close();
    }
}
