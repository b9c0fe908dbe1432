package org.rlhf4j.preference.read;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.rlhf4j.base.DataFormatException;
import org.rlhf4j.base.JsonLine;

/** Objects that belong together, which are held in memory until the last of them is read. */
final class RowGroup {
    /**
     * How much may belong together: what one conversation tree or one prompt has at most, and more.
     *
     * @param rows how many objects
     * @param characters how many they have together; a value counts for at least {@value #VALUE_CHARACTERS}
     */
    record Limits(int rows, long characters) {
        static final Limits STANDARD = new Limits(1 << 14, 64 << 20);
    }

    private static final int VALUE_CHARACTERS = 32;

    private final Limits limits;
    private final long start;
    private final List<ObjectNode> objects = new ArrayList<>();
    private long characters;

    RowGroup(Limits limits, long start, ObjectNode first) {
        this.limits = limits;
        this.start = start;
        objects.add(first);
        characters = characters(first);
    }

    /**
     * One more object.
     *
     * @param line where it stands
     * @param object the object
     * @throws DataFormatException if that are too many, or too large
     */
    void add(JsonLine line, ObjectNode object) {
        characters += characters(object);
        if (objects.size() == limits.rows()) {
            throw tooMany(line, "no more than " + limits.rows() + " rows");
        }
        if (characters > limits.characters()) {
            throw tooMany(line, "no more than " + limits.characters() + " characters");
        }
        objects.add(object);
    }

    private DataFormatException tooMany(JsonLine line, String most) {
        return new DataFormatException(
                line.file(),
                line.line(),
                "belongs to the rows from line " + start + " on, and " + most
                        + " may belong together; leave some of them out, or name another format if they do not");
    }

    List<ObjectNode> objects() {
        return objects;
    }

    private static long characters(JsonNode node) {
        long sum = VALUE_CHARACTERS;
        if (node.isTextual()) {
            sum += node.textValue().length();
        }
        for (JsonNode child : node) {
            sum += characters(child);
        }
        return sum;
    }
}
